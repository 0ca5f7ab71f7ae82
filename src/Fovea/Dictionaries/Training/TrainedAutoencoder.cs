using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.Training;

/// <summary>The result of a training; owns the autoencoder.</summary>
public sealed class TrainedAutoencoder : IDisposable
{
    /// <summary>The curves.</summary>
    public const string HistoryName = "history.jsonl";

    /// <summary>The final numbers, an <see cref="AutoencoderReport"/>.</summary>
    public const string ReportName = "metrics.json";

    internal TrainedAutoencoder(
        SparseAutoencoder autoencoder, AutoencoderOptions options, IReadOnlyList<AutoencoderHistoryLine> history, AutoencoderReport report)
    {
        (Autoencoder, Options, History, Report) =
            (autoencoder, options, history, report with { Coherence = DictionarySimilarity.Coherence(autoencoder.DecoderWeight) });
    }

    /// <summary>The autoencoder, its scale folded away: it acts on raw activations.</summary>
    public SparseAutoencoder Autoencoder { get; }

    /// <summary>What was asked for.</summary>
    public AutoencoderOptions Options { get; }

    /// <summary>The curves.</summary>
    public IReadOnlyList<AutoencoderHistoryLine> History { get; }

    /// <summary>The final numbers.</summary>
    public AutoencoderReport Report { get; }

    /// <summary>Writes <c>history.jsonl</c>, <c>metrics.json</c>, the weights and, last, <c>cfg.json</c>.</summary>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        DocumentFile.WriteLines(Path.Combine(folder, HistoryName), History);
        DocumentFile.Write(Path.Combine(folder, ReportName), Report);
        AutoencoderFile.Save(folder, Autoencoder, Options);
    }

    /// <inheritdoc/>
    public void Dispose() => Autoencoder.Dispose();
}
