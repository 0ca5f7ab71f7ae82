using System.Collections.Concurrent;
using Fovea.Interpretation;

namespace Fovea.Explorer.Contents;

/// <summary>
/// A run whose large tables and documents are read anew only where their files are: a picture that somebody asked for changes the contents
/// of a run by one file, and the tables of tens of thousands of units stay what they were. What is kept of a file is asked for by the stamp
/// that it has now (<see cref="IRunReader.Stamp"/>). Thread-safe.
/// </summary>
/// <param name="run">The run.</param>
internal sealed class RememberingReader(IRunReader run) : IRunReader
{
    private readonly ConcurrentDictionary<(Type Kind, string Address), Known> _known = new();
    private int _round;

    /// <inheritdoc/>
    public string Name => run.Name;

    /// <inheritdoc/>
    public string Version => run.Version;

    /// <inheritdoc/>
    public IReadOnlyList<string> Layers => run.Layers;

    /// <inheritdoc/>
    public IReadOnlyList<string> StageFolders => run.StageFolders;

    /// <inheritdoc/>
    public IReadOnlyList<string> OtherTrainings => run.OtherTrainings;

    /// <summary>
    /// Reads the contents of the run, after which nothing is kept that they did not ask for: files that are gone, dictionaries of another
    /// name.
    /// </summary>
    public T Round<T>(Func<T> read)
    {
        int round = Interlocked.Increment(ref _round);
        T contents = read();
        foreach (var one in _known.Where(one => one.Value.Round < round)) _known.TryRemove(one);
        return contents;
    }

    /// <inheritdoc/>
    public string Stamp(string address) => run.Stamp(address);

    /// <inheritdoc/>
    public IReadOnlyList<string> Dictionaries(string layer) => run.Dictionaries(layer);

    /// <inheritdoc/>
    public IReadOnlyList<string> Sweeps(string layer) => run.Sweeps(layer);

    /// <inheritdoc/>
    public IReadOnlyList<string> Sources(string layer) => run.Sources(layer);

    /// <inheritdoc/>
    public IReadOnlyList<int> Comparisons(string layer) => run.Comparisons(layer);

    /// <inheritdoc/>
    public IReadOnlyList<string> Circuits(string layer) => run.Circuits(layer);

    /// <inheritdoc/>
    public IReadOnlyList<string> Asked(string layer) => run.Asked(layer);

    /// <inheritdoc/>
    public TDocument? Find<TDocument>(string address)
        where TDocument : class, IDocument => Remembered(address, () => run.Find<TDocument>(address));

    /// <inheritdoc/>
    public IReadOnlyList<TLine> Lines<TLine>(string address)
        where TLine : class, IDocument => run.Lines<TLine>(address);

    /// <inheritdoc/>
    public SaeConfiguration? Configuration(string layer, string dictionary) =>
        Remembered(RunLayout.Configuration(layer, dictionary), () => run.Configuration(layer, dictionary));

    /// <inheritdoc/>
    public string? Text(string address) => run.Text(address);

    /// <inheritdoc/>
    public IReadOnlyList<FeatureRow>? Features(string layer, string source) =>
        Remembered($"{RunLayout.Units(layer, source)}/{FeatureTables.FeaturesName}", () => run.Features(layer, source));

    /// <inheritdoc/>
    public IReadOnlyList<ExampleRow>? Examples(string layer, string source) => run.Examples(layer, source);

    /// <inheritdoc/>
    public IExampleIndex? ExampleIndex(string layer, string source) =>
        Remembered($"{RunLayout.Units(layer, source)}/{FeatureTables.ExamplesName}", () => run.ExampleIndex(layer, source));

    /// <inheritdoc/>
    public IReadOnlyList<EffectRow>? Effects(string layer, string source) =>
        Remembered(RunLayout.EffectTable(layer, source), () => run.Effects(layer, source));

    /// <inheritdoc/>
    public UnitEvidence? Evidence(string layer, string source, int unit) => run.Evidence(layer, source, unit);

    /// <inheritdoc/>
    public Stream? Picture(string address) => run.Picture(address);

    private T? Remembered<T>(string address, Func<T?> read)
        where T : class
    {
        // Before the file is read: one that is replaced meanwhile is read once more, never taken for what it was.
        string stamp = run.Stamp(address);
        if (stamp.Length == 0) return read();
        int round = Volatile.Read(ref _round);
        if (_known.TryGetValue((typeof(T), address), out Known? known) && known.Stamp == stamp)
        {
            known.Round = round;
            return (T)known.Value;
        }
        T? value = read();
        if (value is not null) _known[(typeof(T), address)] = new Known(stamp, value) { Round = round };
        return value;
    }

    private sealed class Known(string stamp, object value)
    {
        public string Stamp => stamp;

        public object Value => value;

        public int Round { get; set; }
    }
}
