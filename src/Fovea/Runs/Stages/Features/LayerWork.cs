using Fovea.Activations;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>The pieces of one layer's features; what one finds others read from its scratch, or find again where it is not there.</summary>
/// <param name="context">The run.</param>
/// <param name="layer">The layer.</param>
/// <param name="names">What its parts are called.</param>
/// <param name="scratch">The scratch of the part that is being made.</param>
internal sealed class LayerWork(RunContext context, string layer, LayerParts names, string scratch) : IDisposable
{
    private readonly LayerGroups _groups = new(context, layer);

    private FeatureSettings Settings => context.Settings.Features!;

    private ImageModel Network => context.Network;

    /// <summary>Finds what the stored vectors say of a group, and how large its batches of pictures are, where nobody said.</summary>
    public void FindEvidence(int group)
    {
        Evidence(group);
        // By one process, before any makes pictures: each would choose by its own memory.
        if (group > 0 || Settings.Pictures + Settings.CompareUnits + Settings.Flow == 0) return;
        KeptBatch.Of(context, layer, new FeatureRenderer(Network), RunPictures.Options(context.Settings, RenderPresets.Paper.Preset));
    }

    /// <summary>Measures the groups against the truth of the images.</summary>
    public void FindTruth() => Truth();

    /// <summary>Makes some pictures of a group.</summary>
    public void MakePictures(int group, IReadOnlyList<RenderPiece> pieces)
    {
        GroupEvidence evidence = Evidence(group);
        PictureMaker maker = Maker(group);
        foreach (RenderPiece piece in pieces) maker.Make(piece.Set, evidence.Units(Settings, piece.Set.Of), piece.First, piece.End);
    }

    /// <summary>Writes a group's results; pictures that are not there are made.</summary>
    /// <param name="group">The group.</param>
    /// <param name="standard">The standard network beside a modified one; null where there is none.</param>
    public void WriteGroup(int group, ImageModel? standard)
    {
        GroupEvidence found = Evidence(group);
        GroupStatistics statistics = found.Statistics;
        UnitGroup units = statistics.Group;
        string folder = context.Run.FeaturesOf(layer, units.Name);
        PictureMaker maker = Maker(group);
        MadePicture[] pictures = [.. RenderSet.All(Settings).SelectMany(set => maker.Make(set, found.Units(Settings, set.Of)))];
        var evidence = PictureEvidence.Of(context, Network, standard, statistics, pictures);
        var places = PictureSheets.Write(folder, pictures, context.Cancellation);

        context.Report(FeatureStage.StageName, 0, 0, "pictures", $"examples of {layer}/{units.Name}");
        GroupStatistics most = WithExamples(statistics, Settings.Examples);
        var shown = ExamplePictures.Write(
            Network, context.Harvested, most, found.Units(Settings, RenderedUnits.All), folder, cancellationToken: context.Cancellation);
        TableFile.Write(Path.Combine(folder, FeatureTables.FeaturesName), FeatureTables.Features(
            statistics, pictures.Zip(places, (picture, place) => (picture.Result, place)), Truth().Over(units.Name, found.Scores), evidence));
        TableFile.Write(Path.Combine(folder, FeatureTables.ExamplesName), FeatureTables.Examples(most, context.Harvested, shown));
        EvidenceFile.Write(
            Path.Combine(folder, EvidenceFile.Name), statistics, Network.Classes is null ? null : LogitEffects.Of(Network, units));
    }

    /// <summary>Draws neurons through both networks, step by step.</summary>
    public void WriteFlow(ImageModel standard) =>
        GradientFlowStudy.Write(context, RunPresets.Of(context), layer, Network, standard, Evidence(0).Statistics);

    /// <summary>Writes what needs all groups: the comparisons.</summary>
    public void WriteComparisons()
    {
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        var comparisons = new Comparisons(context, store);
        GroupEvidence[] all = [.. _groups.Names.Select((_, group) => Evidence(group))];
        comparisons.Write(
            layer, comparisons.Images([.. all.Select(one => one.Rankings)]), [.. all.Select(one => one.Statistics)],
            _groups.Names.ToDictionary(name => name, name => new StoredUnits(context.Run.FeaturesOf(layer, name), name)));
    }

    public void Dispose() => _groups.Dispose();

    private GroupEvidence Evidence(int group) => GroupEvidence.Of(
        context, _groups[group], () => Settings.Judge is { } judge ? Judgement.Of(context, judge, Of(FeatureParts.JudgeName)) : null,
        Of(names.Evidence(group)));

    private TruthScores Truth() => TruthScores.Of(context, Network, layer, () => _groups.All, Of(names.Truth));

    /// <summary>Pictures of a group lie in one folder, whoever makes them.</summary>
    private PictureMaker Maker(int group) => new(
        context, RunPresets.Of(context), Network, _groups[group], Path.Combine(Of(names.Layer), SafeName.Of(_groups.Names[group])));

    private string Of(string part) => StageScratch.Beside(scratch, part);

    /// <summary>Uniqueness reads more examples than are shown.</summary>
    private static GroupStatistics WithExamples(GroupStatistics group, int examples) =>
        group with { Units = [.. group.Units.Select(unit => unit with { Examples = [.. unit.Examples.Take(examples)] })] };
}
