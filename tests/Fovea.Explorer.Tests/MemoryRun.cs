using Fovea.Runs;

namespace Fovea.Explorer.Tests;

/// <summary>A run that is no folder: all that a folder held is in memory, and asked for by address.</summary>
internal sealed class MemoryRun : IRunReader
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Layer, string Source), IReadOnlyList<FeatureRow>?> _features = [];
    private readonly Dictionary<(string Layer, string Source), IReadOnlyList<ExampleRow>?> _examples = [];
    private readonly Dictionary<(string Layer, string Source), IReadOnlyList<EffectRow>?> _effects = [];
    private readonly Dictionary<(string Layer, string Source, int Unit), UnitEvidence> _evidence = [];
    private readonly Dictionary<(string Layer, string Dictionary), SaeConfiguration> _configurations = [];
    private readonly ILookup<string, string> _dictionaries, _sweeps, _sources, _circuits;
    private readonly ILookup<string, int> _comparisons;

    public MemoryRun(string folder)
    {
        var run = new RunFolderReader(folder);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            _files[Path.GetRelativePath(folder, file).Replace('\\', '/')] = File.ReadAllBytes(file);
        Layers = run.Layers;
        OtherTrainings = run.OtherTrainings;
        StageFolders = run.StageFolders;
        _dictionaries = Pairs(run.Dictionaries);
        _sweeps = Pairs(run.Sweeps);
        _sources = Pairs(run.Sources);
        _comparisons = Pairs(run.Comparisons);
        _circuits = Pairs(run.Circuits);
        foreach (string layer in Layers)
        {
            foreach (string source in run.Sources(layer))
            {
                _features[(layer, source)] = run.Features(layer, source);
                _examples[(layer, source)] = run.Examples(layer, source);
                foreach (FeatureRow row in run.Features(layer, source) ?? [])
                    if (run.Evidence(layer, source, row.Unit) is { } evidence) _evidence[(layer, source, row.Unit)] = evidence;
            }
            foreach (string source in run.Dictionaries(layer).Prepend(RunLayout.Neurons))
                _effects[(layer, source)] = run.Effects(layer, source);
            foreach (string dictionary in run.Dictionaries(layer))
                if (run.Configuration(layer, dictionary) is { } configuration) _configurations[(layer, dictionary)] = configuration;
        }
    }

    public string Name => "memory";

    public string Version => "1";

    public string Stamp(string address) => _files.ContainsKey(address) ? "1" : "";

    public IReadOnlyList<string> Layers { get; init; }

    public IReadOnlyList<string> OtherTrainings { get; }

    public IReadOnlyList<string> StageFolders { get; }

    public IReadOnlyList<string> Dictionaries(string layer) => [.. _dictionaries[layer]];

    public IReadOnlyList<string> Sweeps(string layer) => [.. _sweeps[layer]];

    public IReadOnlyList<string> Sources(string layer) => [.. _sources[layer]];

    public IReadOnlyList<int> Comparisons(string layer) => [.. _comparisons[layer]];

    public IReadOnlyList<string> Circuits(string layer) => [.. _circuits[layer]];

    public TDocument? Find<TDocument>(string address)
        where TDocument : class, IDocument =>
            _files.TryGetValue(address, out byte[]? bytes) ? DocumentFile.Parse<TDocument>(bytes, $"{Name}/{address}") : null;

    public IReadOnlyList<TLine> Lines<TLine>(string address)
        where TLine : class, IDocument =>
            [.. (Text(address) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => DocumentFile.Parse<TLine>(System.Text.Encoding.UTF8.GetBytes(line), $"{Name}/{address}"))];

    public IReadOnlyList<string> Asked(string layer) =>
        [.. _files.Keys.Where(file => file.StartsWith($"pictures/{layer}/", StringComparison.Ordinal)
                && file.EndsWith(".json", StringComparison.Ordinal) && _files.ContainsKey(file[..^5] + ".png"))
            .Select(file => file[..^5]).Order(StringComparer.Ordinal)];

    public SaeConfiguration? Configuration(string layer, string dictionary) => _configurations.GetValueOrDefault((layer, dictionary));

    public string? Text(string address) =>
        _files.TryGetValue(address, out byte[]? bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    public IReadOnlyList<FeatureRow>? Features(string layer, string source) => _features.GetValueOrDefault((layer, source));

    public IReadOnlyList<ExampleRow>? Examples(string layer, string source) => _examples.GetValueOrDefault((layer, source));

    public IReadOnlyList<EffectRow>? Effects(string layer, string source) => _effects.GetValueOrDefault((layer, source));

    public IExampleIndex? ExampleIndex(string layer, string source) =>
        Examples(layer, source) is { } rows ? new Rows(rows.ToLookup(row => row.Unit)) : null;

    public UnitEvidence? Evidence(string layer, string source, int unit) => _evidence.GetValueOrDefault((layer, source, unit));

    public Stream? Picture(string address) =>
        _files.TryGetValue(address, out byte[]? bytes) ? new MemoryStream(bytes, writable: false) : null;

    private ILookup<string, T> Pairs<T>(Func<string, IReadOnlyList<T>> of) =>
        Layers.SelectMany(layer => of(layer).Select(one => (layer, one))).ToLookup(pair => pair.layer, pair => pair.one);

    private sealed class Rows(ILookup<int, ExampleRow> rows) : IExampleIndex
    {
        public IReadOnlySet<int> Units { get; } = rows.Select(group => group.Key).ToHashSet();

        public IReadOnlySet<int> Pictured { get; } =
            rows.Where(group => group.Any(row => row.Crop is not null || row.Heat is not null)).Select(group => group.Key).ToHashSet();

        public IReadOnlyList<ExampleRow> Of(int unit) => [.. rows[unit]];

        public ExampleRow? Strongest(int unit) => rows[unit].Where(row => row.Kind == ExampleKinds.Top).MinBy(row => row.Rank);
    }
}
