using Fovea.IO;

namespace Fovea.Runs;

/// <summary>The layout of a run folder (docs/reference/run-folder.md). Nothing else in the code spells these paths.</summary>
/// <param name="path">The folder; it need not exist yet.</param>
public sealed class RunFolder(string path)
{
    /// <summary>The folder itself, absolute.</summary>
    public string Root { get; } = Path.GetFullPath(path);

    /// <summary>Id, status, versions, times: the one document with clocks in it.</summary>
    public string RunRecord => Path.Combine(Root, "run.json");

    /// <summary>The recipe as resolved.</summary>
    public string Recipe => Path.Combine(Root, "recipe.toml");

    /// <summary>What was printed, with times.</summary>
    public string Log => Path.Combine(Root, "log.txt");

    /// <summary>Stage 1.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>Stage 2, one folder a layer.</summary>
    public string Activations => Path.Combine(Root, "activations");

    /// <summary>Stage 2 of one layer.</summary>
    public string ActivationsOf(string layer) => Path.Combine(Activations, layer);

    /// <summary>Stage 3.</summary>
    public string Dictionaries => Path.Combine(Root, "dictionaries");

    /// <summary>One sparse autoencoder.</summary>
    public string Dictionary(string layer, string name) => Path.Combine(Dictionaries, layer, name);

    /// <summary>Stage 3, many at once.</summary>
    public string Sweeps => Path.Combine(Root, "sweeps");

    /// <summary>One sweep.</summary>
    public string Sweep(string layer, string name) => Path.Combine(Sweeps, layer, name);

    /// <summary>Stage 4.</summary>
    public string Features => Path.Combine(Root, "features");

    /// <summary>Stage 4 of one layer.</summary>
    public string FeaturesOf(string layer) => Path.Combine(Features, layer);

    /// <summary>Pictures and tables of one source of units: <c>neurons</c> or the name of a dictionary.</summary>
    public string FeaturesOf(string layer, string source) => Path.Combine(Features, layer, source);

    /// <summary>The report.</summary>
    public string Report => Path.Combine(Root, "report");

    /// <summary>The folder of stage 4 for the layer's own units.</summary>
    public const string NeuronSource = "neurons";

    /// <summary>Removes files that a killed writer left behind.</summary>
    public void RemovePartialFiles()
    {
        if (!Directory.Exists(Root)) return;
        foreach (string file in Directory.EnumerateFiles(Root, "*" + AtomicFile.TemporarySuffix, SearchOption.AllDirectories)) File.Delete(file);
    }
}
