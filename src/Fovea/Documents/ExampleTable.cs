using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Fovea.Documents;

/// <summary>
/// A table of <see cref="ExampleRow"/> of which a unit's rows are read alone: the numbers of the units in each of its row groups are read
/// once, then whole groups, the last few of which are kept. A writer that keeps units together and groups small
/// (<see cref="RowsOfGroup"/>) makes that a few milliseconds, however many units there are. Safe to be asked by several threads.
/// </summary>
internal sealed class ExampleTable : IExampleIndex
{
    /// <summary>Rows of a group as <see cref="TableFile"/> writes them.</summary>
    public const int RowsOfGroup = 4096;

    private const int KeptGroups = 12;

    // Runs of equal values take next to nothing; more rows than this of a byte are no file of ours.
    private const long MostRowsOfByte = 1000;

    private readonly string _path;
    private readonly IReadOnlyDictionary<int, int[]> _groups;
    private readonly Lock _lock = new();
    private readonly List<(int Group, ILookup<int, ExampleRow> Rows)> _kept = [];
    private readonly Dictionary<int, ExampleRow?> _strongest = [];

    private ExampleTable(string path, IReadOnlyDictionary<int, int[]> groups, IReadOnlySet<int> pictured) =>
        (_path, _groups, Units, Pictured) = (path, groups, groups.Keys.ToHashSet(), pictured);

    /// <inheritdoc/>
    public IReadOnlySet<int> Units { get; }

    /// <inheritdoc/>
    public IReadOnlySet<int> Pictured { get; }

    /// <summary>Opens a table.</summary>
    /// <exception cref="FoveaException">Data: the file is missing, is not such a table, or its rows are of another schema.</exception>
    public static ExampleTable Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TableFile.Guarded(path, () =>
        {
            using FileStream file = TableFile.OpenShared(path);
            TableCheck.Require(file);
            return ReadAsync(path, file).GetAwaiter().GetResult();
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ExampleRow> Of(int unit)
    {
        if (!_groups.TryGetValue(unit, out int[]? groups)) return [];
        lock (_lock) return [.. groups.SelectMany(group => Group(group)[unit])];
    }

    /// <inheritdoc/>
    public ExampleRow? Strongest(int unit)
    {
        if (!_groups.TryGetValue(unit, out int[]? groups)) return null;
        lock (_lock)
        {
            if (_strongest.TryGetValue(unit, out ExampleRow? known)) return known;
            // A group is read for one unit's sake and holds those of others: a row of each is little beside reading it again.
            foreach (var others in Group(groups[0]).Where(rows => _groups.TryGetValue(rows.Key, out int[]? own) && own.Length == 1))
                _strongest[others.Key] = First(others);
            return _strongest[unit] = First(groups.SelectMany(group => Group(group)[unit]));
        }
    }

    private static ExampleRow? First(IEnumerable<ExampleRow> rows) => rows.Where(row => row.Kind == ExampleKinds.Top).MinBy(row => row.Rank);

    private ILookup<int, ExampleRow> Group(int group)
    {
        int at = _kept.FindIndex(one => one.Group == group);
        if (at >= 0)
        {
            var found = _kept[at];
            _kept.RemoveAt(at);
            _kept.Add(found);
            return found.Rows;
        }
        ILookup<int, ExampleRow> rows = TableFile.Read<ExampleRow>(_path, group).ToLookup(row => row.Unit);
        if (_kept.Count == KeptGroups) _kept.RemoveAt(0);
        _kept.Add((group, rows));
        return rows;
    }

    private static async Task<ExampleTable> ReadAsync(string path, Stream file)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true);
        SchemaNumber.Require(reader.CustomMetadata.GetValueOrDefault(TableFile.SchemaKey), ExampleRow.CurrentSchema, path);
        DataField unit = Field(reader, path, "unit"), crop = Field(reader, path, "cropLeft"), heat = Field(reader, path, "heatLeft");
        var groups = new Dictionary<int, List<int>>();
        var pictured = new HashSet<int>();
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            // The sizes are the file's word: what a group claims must be there before memory is taken for it.
            if (group.RowCount < 0 || group.RowCount > file.Length * MostRowsOfByte)
                throw FoveaException.BadData($"{path}: row group {i} claims {group.RowCount.ToString(CultureInfo.InvariantCulture)} rows.");
            int rows = (int)group.RowCount;
            int[] units = new int[rows];
            int?[] crops = new int?[rows], heats = new int?[rows];
            await group.ReadAsync(unit, units.AsMemory());
            await group.ReadAsync(crop, crops.AsMemory());
            await group.ReadAsync(heat, heats.AsMemory());
            for (int row = 0; row < rows; row++)
            {
                if (!groups.TryGetValue(units[row], out List<int>? own)) groups[units[row]] = own = [];
                if (own.Count == 0 || own[^1] != i) own.Add(i);
                if (crops[row] is not null || heats[row] is not null) pictured.Add(units[row]);
            }
        }
        return new ExampleTable(path, groups.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()), pictured);
    }

    private static DataField Field(ParquetReader reader, string path, string name) =>
        Array.Find(reader.Schema.GetDataFields(), field => field.Name == name)
            ?? throw FoveaException.BadData($"Cannot read {path}: it has no column '{name}'.");
}
