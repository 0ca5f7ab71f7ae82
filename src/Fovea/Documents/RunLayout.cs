namespace Fovea.Documents;

/// <summary>
/// Where documents, tables and tensors lie in a run, relative to it and with forward slashes (docs/reference/run-folder.md).
/// </summary>
public static class RunLayout
{
    /// <summary>The folder of stage 4 for a layer's own units.</summary>
    public const string Neurons = "neurons";

    /// <summary>Id, status, versions, times: a <see cref="Documents.RunRecord"/>.</summary>
    public const string Run = RunRecord.FileName;

    /// <summary>The recipe as resolved, TOML.</summary>
    public const string Recipe = "recipe.toml";

    /// <summary>The network: a <see cref="ModelDocument"/>.</summary>
    public const string Model = "model/" + ModelDocument.FileName;

    /// <summary>Its accuracy: an <see cref="EvaluationTable"/>.</summary>
    public const string Evaluation = "model/" + EvaluationTable.FileName;

    /// <summary>Its errors: an <see cref="ErrorReport"/>.</summary>
    public const string Errors = "model/" + ErrorReport.FileName;

    /// <summary>Its training: lines of <see cref="TrainingEpoch"/>.</summary>
    public const string History = "model/" + TrainingEpoch.FileName;

    /// <summary>What a stage was made from, and whether it is complete: a <see cref="StageRecord"/>.</summary>
    /// <param name="folder">The stage's folder.</param>
    public static string Stage(string folder) => $"{folder}/{StageRecord.FileName}";

    /// <summary>The folder of what people wrote; no stage touches it.</summary>
    public const string NotesFolder = "notes";

    /// <summary>What people wrote about units: a <see cref="NotesDocument"/>.</summary>
    public const string Notes = NotesFolder + "/" + NotesDocument.FileName;

    /// <summary>What raises the logits of classes: a <see cref="ClassPicturesDocument"/>.</summary>
    public const string Classes = "features/" + ClassPicturesDocument.FileName;

    /// <summary>What made them, and where each is: lines of <see cref="PictureRecord"/>.</summary>
    public const string ClassPictures = "features/classes/" + PictureRecord.LinesName;

    /// <summary>Another training beside the network's: lines of <see cref="TrainingEpoch"/>.</summary>
    public static string OtherHistory(string name) => $"model/comparisons/{name}/{TrainingEpoch.FileName}";

    /// <summary>A layer's vectors: an <see cref="ActivationManifest"/>.</summary>
    public static string Manifest(string layer) => $"activations/{layer}/{ActivationManifest.FileName}";

    /// <summary>Its filters: a <see cref="FilterReport"/>.</summary>
    public static string Filters(string layer) => $"activations/{layer}/{FilterReport.FileName}";

    /// <summary>Images with their maps: a <see cref="SamplesDocument"/>.</summary>
    public static string Samples(string layer) => $"activations/{layer}/{SamplesDocument.FileName}";

    /// <summary>The folder of a dictionary.</summary>
    public static string Dictionary(string layer, string name) => $"dictionaries/{layer}/{name}";

    /// <summary>How it was made: a <see cref="SaeConfiguration"/>.</summary>
    public static string Configuration(string layer, string name) => $"{Dictionary(layer, name)}/{SaeConfiguration.FileName}";

    /// <summary>Its final numbers: an <see cref="AutoencoderReport"/>.</summary>
    public static string Metrics(string layer, string name) => $"{Dictionary(layer, name)}/{AutoencoderReport.FileName}";

    /// <summary>Its training: lines of <see cref="AutoencoderHistoryLine"/>.</summary>
    public static string DictionaryHistory(string layer, string name) => $"{Dictionary(layer, name)}/{AutoencoderHistoryLine.FileName}";

    /// <summary>The classifier with it in place: a <see cref="SpliceDocument"/>.</summary>
    public static string Splice(string layer, string name) => $"{Dictionary(layer, name)}/{SpliceDocument.FileName}";

    /// <summary>The same for a network without classes: a <see cref="FaithfulnessDocument"/>.</summary>
    public static string Faithfulness(string layer, string name) => $"{Dictionary(layer, name)}/{FaithfulnessDocument.FileName}";

    /// <summary>A sweep: a <see cref="SweepDocument"/>.</summary>
    public static string Sweep(string layer, string name) => $"sweeps/{layer}/{name}/{SweepDocument.FileName}";

    /// <summary>The training of one of its autoencoders: lines of <see cref="AutoencoderHistoryLine"/>.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="name">The sweep.</param>
    /// <param name="id">The autoencoder.</param>
    /// <param name="fold">The part of the images it was not trained on; null where the sweep has one part.</param>
    public static string MemberHistory(string layer, string name, string id, int? fold) =>
        $"sweeps/{layer}/{name}/members/{id}/{(fold is null ? "" : $"fold-{fold}/")}{AutoencoderHistoryLine.FileName}";

    /// <summary>One image, network against dictionary: a <see cref="ComparisonDocument"/>.</summary>
    public static string Comparison(string layer, int number) => $"features/{layer}/{ComparisonDocument.FileName(number)}";

    /// <summary>Gradient flow: a <see cref="FlowDocument"/>.</summary>
    public static string Flow(string layer) => $"features/{layer}/{FlowDocument.FileName}";

    /// <summary>Units against the truth: a <see cref="TruthDocument"/>.</summary>
    public static string Truth(string layer) => $"features/{layer}/{TruthDocument.FileName}";

    /// <summary>Class activation maps: a <see cref="CamsDocument"/>.</summary>
    public static string Cams(string layer) => $"cams/{layer}/{CamsDocument.FileName}";

    /// <summary>Shortcuts: a <see cref="ShortcutsDocument"/>.</summary>
    public static string Shortcuts(string layer) => $"shortcuts/{layer}/{ShortcutsDocument.FileName}";

    /// <summary>The folder of circuits.</summary>
    public const string CircuitsFolder = "circuits";

    /// <summary>A circuit, below its later layer: a <see cref="CircuitDocument"/>.</summary>
    public static string Circuit(string layer, string name) => $"{CircuitsFolder}/{layer}/{name}/{CircuitDocument.FileName}";

    /// <summary>What made the pictures of a source of units, and where each is: lines of <see cref="PictureRecord"/>.</summary>
    public static string Pictures(string layer, string source) => $"{Units(layer, source)}/{PictureRecord.LinesName}";

    /// <summary>The folder of a source of units.</summary>
    public static string Units(string layer, string source) => $"features/{layer}/{source}";

    /// <summary>The folder of what units do.</summary>
    public const string ProofFolder = "proof";

    /// <summary>What the units of a source do: an <see cref="EffectsDocument"/>.</summary>
    public static string Effects(string layer, string source) => $"{ProofFolder}/{layer}/{source}/{EffectsDocument.FileName}";

    /// <summary>The same unit by unit: a table of <see cref="EffectRow"/>.</summary>
    public static string EffectTable(string layer, string source) => $"{ProofFolder}/{layer}/{source}/{EffectRow.FileName}";

    /// <summary>What makes the units fire that do most: a <see cref="FiringDocument"/>.</summary>
    public static string Firing(string layer, string source) => $"{ProofFolder}/{layer}/{source}/{FiringDocument.FileName}";

    /// <summary>Whether effects replicate between seeds: a <see cref="ReplicationDocument"/>.</summary>
    public static string Replication(string layer) => $"{ProofFolder}/{layer}/{ReplicationDocument.FileName}";

    /// <summary>What a class's first units keep and carry: a <see cref="CurvesDocument"/>.</summary>
    public static string Curves(string layer) => $"{ProofFolder}/{layer}/{CurvesDocument.FileName}";
}
