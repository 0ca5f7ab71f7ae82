using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fovea.IO;

namespace Fovea.Runs;

/// <summary>
/// A run as a folder. Nothing is kept open or remembered: each question is answered by what the folder holds at that moment.
/// </summary>
public sealed class RunFolderReader : IRunReader
{
    private static readonly string[] LayerFolders = ["activations", "dictionaries", "sweeps", "features", "cams", "shortcuts", "pictures", RunLayout.CircuitsFolder];

    /// <summary>Stages lie at most as deep as <c>dictionaries/LAYER/NAME</c>.</summary>
    private static readonly EnumerationOptions StageDepth = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 3,
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None,
    };

    private readonly string _root;

    /// <summary>A reader of a folder.</summary>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="FoveaException">Data: there is no such folder.</exception>
    public RunFolderReader(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _root = Path.GetFullPath(folder);
        if (!Directory.Exists(_root))
            throw FoveaException.BadData($"There is no run folder {folder}. Name one that `fovea run` or `fovea demo` made.");
    }

    /// <inheritdoc/>
    public string Name => _root;

    /// <inheritdoc/>
    public string Version
    {
        get
        {
            var text = new StringBuilder();
            foreach (string file in (string[])[RunLayout.Run, RunLayout.Recipe]) Add(new FileInfo(Path.Combine(_root, file)));
            foreach (FileInfo file in new DirectoryInfo(_root).EnumerateFiles(StageRecord.FileName, StageDepth)
                .OrderBy(file => file.FullName, StringComparer.Ordinal)) Add(file);
            // A folder's time changes with each picture or circuit that is put there.
            foreach (string name in (string[])[RunFolder.PicturesName, RunLayout.CircuitsFolder])
            {
                var asked = new DirectoryInfo(Path.Combine(_root, name));
                foreach (DirectoryInfo folder in asked.Exists ? asked.EnumerateDirectories("*", StageDepth) : [])
                    text.Append(folder.FullName).Append('|').Append(folder.LastWriteTimeUtc.Ticks).Append('\n');
            }
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];

            void Add(FileInfo file)
            {
                // A file that goes between the list and the look is not there.
                if (file.Exists) text.Append(file.FullName).Append('|').Append(file.Length).Append('|').Append(file.LastWriteTimeUtc.Ticks).Append('\n');
            }
        }
    }

    /// <inheritdoc/>
    public string Stamp(string address) => new FileInfo(Place(address)) is { Exists: true } file
        ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}:{file.LastWriteTimeUtc.Ticks}") : "";

    /// <inheritdoc/>
    public IReadOnlyList<string> Layers =>
        [.. LayerFolders.SelectMany(folder => Folders(folder).Where(name => folder != "features" || name != "classes"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IReadOnlyList<string> StageFolders =>
    [
        .. Directory.EnumerateFiles(_root, StageRecord.FileName, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_root, Path.GetDirectoryName(path)!).Replace('\\', '/'))
            .Where(folder => folder != "." && folder.Split('/')[0] != RunFolder.ScratchName).Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> OtherTrainings => Folders("model/comparisons");

    /// <inheritdoc/>
    public IReadOnlyList<string> Dictionaries(string layer) => Folders($"dictionaries/{layer}");

    /// <inheritdoc/>
    public IReadOnlyList<string> Sweeps(string layer) => Folders($"sweeps/{layer}");

    /// <inheritdoc/>
    public IReadOnlyList<string> Sources(string layer) =>
        [.. Folders($"features/{layer}")
            .Where(source => File.Exists(Place($"{RunLayout.Units(layer, source)}/{FeatureTable}"))
                || File.Exists(Place($"{RunLayout.Units(layer, source)}/{ExampleTable}")))];

    /// <inheritdoc/>
    public IReadOnlyList<int> Comparisons(string layer)
    {
        string folder = Place($"features/{layer}");
        if (!Directory.Exists(folder)) return [];
        return
        [
            .. Directory.EnumerateFiles(folder, "comparison-*.json")
                .Select(path => Path.GetFileNameWithoutExtension(path)["comparison-".Length..])
                .Where(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                    .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).Order(),
        ];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Circuits(string layer) => [.. Folders($"{RunLayout.CircuitsFolder}/{layer}")
        .Where(name => File.Exists(Place(RunLayout.Circuit(layer, name))))];

    /// <inheritdoc/>
    public IReadOnlyList<string> Asked(string layer)
    {
        string folder = Place($"pictures/{layer}");
        if (!Directory.Exists(folder)) return [];
        return
        [
            .. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
                .Where(path => File.Exists(Path.ChangeExtension(path, ".png")))
                .Select(path => Path.GetRelativePath(_root, path).Replace('\\', '/')[..^".json".Length]).Order(StringComparer.Ordinal),
        ];
    }

    /// <inheritdoc/>
    public TDocument? Find<TDocument>(string address)
        where TDocument : class, IDocument => DocumentFile.Find<TDocument>(Place(address));

    /// <inheritdoc/>
    public IReadOnlyList<TLine> Lines<TLine>(string address)
        where TLine : class, IDocument => Place(address) is var path && File.Exists(path) ? DocumentFile.ReadLines<TLine>(path) : [];

    /// <inheritdoc/>
    public SaeConfiguration? Configuration(string layer, string dictionary) =>
        Place(RunLayout.Configuration(layer, dictionary)) is var path && File.Exists(path) ? SaeConfiguration.Read(path) : null;

    /// <inheritdoc/>
    public string? Text(string address)
    {
        using Stream? stream = Open(address);
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <inheritdoc/>
    public IReadOnlyList<FeatureRow>? Features(string layer, string source) =>
        Table<FeatureRow>($"{RunLayout.Units(layer, source)}/{FeatureTable}");

    /// <inheritdoc/>
    public IReadOnlyList<ExampleRow>? Examples(string layer, string source) =>
        Table<ExampleRow>($"{RunLayout.Units(layer, source)}/{ExampleTable}");

    /// <inheritdoc/>
    public IReadOnlyList<EffectRow>? Effects(string layer, string source) => Table<EffectRow>(RunLayout.EffectTable(layer, source));

    /// <inheritdoc/>
    public IExampleIndex? ExampleIndex(string layer, string source) =>
        Place($"{RunLayout.Units(layer, source)}/{ExampleTable}") is var path && File.Exists(path) ? Documents.ExampleTable.Open(path) : null;

    /// <inheritdoc/>
    public UnitEvidence? Evidence(string layer, string source, int unit)
    {
        string path = Place($"{RunLayout.Units(layer, source)}/{EvidenceTensors.FileName}");
        return File.Exists(path) ? Interpretation.EvidenceFile.Read(path, unit) : null;
    }

    /// <inheritdoc/>
    public Stream? Picture(string address) => Open(address);

    private const string FeatureTable = Interpretation.FeatureTables.FeaturesName, ExampleTable = Interpretation.FeatureTables.ExamplesName;

    private IReadOnlyList<TRow>? Table<TRow>(string address)
        where TRow : class, ITableRow, new() => Place(address) is var path && File.Exists(path) ? TableFile.Read<TRow>(path) : null;

    private IReadOnlyList<string> Folders(string address) => Place(address) is var path && Directory.Exists(path)
        ? [.. Directory.EnumerateDirectories(path).Select(one => Path.GetFileName(one)!).Where(name => SafeName.Problem(name) is null)
            .Order(StringComparer.Ordinal)] : [];

    private FileStream? Open(string address)
    {
        string path = Place(address);
        try
        {
            return File.Exists(path) ? PlainFile.OpenRead(path, share: FileShare.ReadWrite | FileShare.Delete) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }

    /// <summary>The path of an address, which may not lead out of the run.</summary>
    private string Place(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        string[] names = address.Split('/');
        if (names.Any(name => SafeName.Problem(name) is not null)) throw FoveaException.BadData($"'{address}' is no place in a run.");
        return SafeName.Combine(_root, names);
    }
}
