using Fovea.IO;

namespace Fovea.Runs;

/// <summary>
/// The layout of a run folder (docs/reference/run-folder.md). Nothing else in the code spells these paths; a word that is no
/// <see cref="SafeName"/> is refused.
/// </summary>
/// <param name="path">The folder; it need not exist yet.</param>
public sealed class RunFolder(string path)
{
    /// <summary>The folder of what only a continuation needs.</summary>
    public const string ScratchName = "scratch";

    /// <summary>The folder of pictures that were asked for beside those of stage 4.</summary>
    internal const string PicturesName = "pictures";

    /// <summary>The folder itself, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(path);

    /// <summary>Id, status, versions, times: the one document with clocks in it.</summary>
    public string RunRecord => Path.Combine(Root, "run.json");

    /// <summary>The recipe as resolved.</summary>
    public string Recipe => Path.Combine(Root, "recipe.toml");

    /// <summary>What was printed, with times.</summary>
    public string Log => Path.Combine(Root, "log.txt");

    /// <summary>What only a continuation of an unfinished stage needs; absent where none is unfinished.</summary>
    public string Scratch => Path.Combine(Root, ScratchName);

    /// <summary>Stage 1.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>One more training of stage 1, which the run's own is compared with.</summary>
    public string Comparison(string name) => SafeName.Combine(Model, "comparisons", name);

    /// <summary>Stage 2, one folder a layer.</summary>
    public string Activations => Path.Combine(Root, "activations");

    /// <summary>Stage 2 of one layer.</summary>
    public string ActivationsOf(string layer) => SafeName.Combine(Activations, layer);

    /// <summary>Stage 3.</summary>
    public string Dictionaries => Path.Combine(Root, "dictionaries");

    /// <summary>One sparse autoencoder.</summary>
    public string Dictionary(string layer, string name) => SafeName.Combine(Dictionaries, layer, name);

    /// <summary>Stage 3, many at once.</summary>
    public string Sweeps => Path.Combine(Root, "sweeps");

    /// <summary>The dictionaries of a layer.</summary>
    public string DictionariesOf(string layer) => SafeName.Combine(Dictionaries, layer);

    /// <summary>One sweep.</summary>
    public string Sweep(string layer, string name) => SafeName.Combine(Sweeps, layer, name);

    /// <summary>One autoencoder of a sweep.</summary>
    public string SweepMember(string layer, string name, string member) => SafeName.Combine(Sweep(layer, name), "members", member);

    /// <summary>Stage 4.</summary>
    public string Features => Path.Combine(Root, "features");

    /// <summary>Stage 4 of one layer.</summary>
    public string FeaturesOf(string layer) => SafeName.Combine(Features, layer);

    /// <summary>Pictures and tables of one source of units: <c>neurons</c> or the name of a dictionary.</summary>
    public string FeaturesOf(string layer, string source) => SafeName.Combine(Features, layer, source);

    /// <summary>What units do.</summary>
    public string Proof => Path.Combine(Root, RunLayout.ProofFolder);

    /// <summary>What the units of one layer do.</summary>
    public string ProofOf(string layer) => SafeName.Combine(Proof, layer);

    /// <summary>What the units of one source do.</summary>
    public string ProofOf(string layer, string source) => SafeName.Combine(Proof, layer, source);

    /// <summary>Pictures that were asked for beside those of stage 4.</summary>
    public string Pictures(string layer, string source) => SafeName.Combine(Root, PicturesName, layer, source);

    /// <summary>Class activation maps of a layer.</summary>
    public string ClassActivationMaps(string layer) => SafeName.Combine(Root, "cams", layer);

    /// <summary>Shortcuts of a layer's units.</summary>
    public string Shortcuts(string layer) => SafeName.Combine(Root, "shortcuts", layer);

    /// <summary>A circuit that ends in a layer.</summary>
    public string Circuit(string layer, string name) => SafeName.Combine(Root, RunLayout.CircuitsFolder, layer, name);

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report");

    /// <summary>The folder of stage 4 for the layer's own units.</summary>
    public const string NeuronSource = "neurons";

    /// <summary>Removes files that a killed writer left behind; those that another process may be writing stay.</summary>
    public void RemovePartialFiles() => RemovePartialFiles(Root, file => !TemporaryName.MayBeInUse(file));

    /// <summary>Removes files that writers left behind in a folder.</summary>
    /// <param name="folder">The folder, with those in it.</param>
    /// <param name="which">Which of them; null: all.</param>
    internal static void RemovePartialFiles(string folder, Func<string, bool>? which = null)
    {
        if (!Directory.Exists(folder)) return;
        foreach (string file in Directory.EnumerateFiles(folder, "*" + AtomicFile.TemporarySuffix, SearchOption.AllDirectories))
        {
            if (which is null || which(file)) Removal.Of(file);
        }
    }
}
