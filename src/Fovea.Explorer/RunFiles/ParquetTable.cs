using Parquet;
using Parquet.Schema;

namespace Fovea.Explorer.RunFiles;

/// <summary>A small Parquet file held by column; columns and types may differ from what a reader hopes for.</summary>
internal sealed class ParquetTable
{
    private readonly Dictionary<string, object?[]> _columns = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Rows in the file.</summary>
    public int RowCount { get; private set; }

    /// <summary>The table in a file; null where it is absent, an entry in <paramref name="problems"/> where it is damaged.</summary>
    public static async Task<ParquetTable?> OpenAsync(string path, ICollection<string> problems, CancellationToken ct)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return await ReadAsync(path, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Parquet.Net throws many types on damaged files; a report is still worth making without this one.
            problems.Add($"Cannot read {path}: {e.Message}");
            return null;
        }
    }

    /// <summary>A cell as a number, or null.</summary>
    public double? Number(int row, string column) => Cell(row, column) switch
    {
        null or string or byte[] => null,
        IConvertible value => value.ToDouble(null),
        _ => null,
    };

    /// <summary>A cell as a whole number, or null.</summary>
    public int? Integer(int row, string column) => Number(row, column) is { } number && Math.Abs(number) <= int.MaxValue ? (int)number : null;

    /// <summary>A cell as text, or null.</summary>
    public string? Text(int row, string column) => Cell(row, column)?.ToString();

    private object? Cell(int row, string column) => _columns.TryGetValue(column, out object?[]? cells) ? cells[row] : null;

    private static async Task<ParquetTable> ReadAsync(string path, CancellationToken ct)
    {
        var table = new ParquetTable();
        await using ParquetReader reader = await ParquetReader.CreateAsync(path, null, ct);
        DataField[] fields = reader.Schema.GetDataFields();
        var columns = fields.ToDictionary(field => field.Name, _ => new List<object?>(), StringComparer.OrdinalIgnoreCase);
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            table.RowCount += (int)rows.RowCount;
            foreach (DataField field in fields) columns[field.Name].AddRange(await ColumnAsync(rows, field, ct));
        }
        foreach ((string name, List<object?> cells) in columns) table._columns[name] = [.. cells];
        return table;
    }

    private static Task<object?[]> ColumnAsync(ParquetRowGroupReader rows, DataField field, CancellationToken ct) =>
        field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>) ? StringsAsync(rows, field, ct) : Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Boolean => ValuesAsync<bool>(rows, field, ct),
            TypeCode.SByte => ValuesAsync<sbyte>(rows, field, ct),
            TypeCode.Byte => ValuesAsync<byte>(rows, field, ct),
            TypeCode.Int16 => ValuesAsync<short>(rows, field, ct),
            TypeCode.UInt16 => ValuesAsync<ushort>(rows, field, ct),
            TypeCode.Int32 => ValuesAsync<int>(rows, field, ct),
            TypeCode.UInt32 => ValuesAsync<uint>(rows, field, ct),
            TypeCode.Int64 => ValuesAsync<long>(rows, field, ct),
            TypeCode.UInt64 => ValuesAsync<ulong>(rows, field, ct),
            TypeCode.Single => ValuesAsync<float>(rows, field, ct),
            TypeCode.Double => ValuesAsync<double>(rows, field, ct),
            _ => Task.FromResult(new object?[rows.RowCount]),
        };

    private static async Task<object?[]> StringsAsync(ParquetRowGroupReader rows, DataField field, CancellationToken ct)
    {
        var cells = new string?[rows.RowCount];
        await rows.ReadAsync(field, cells.AsMemory(), null, ct);
        return cells;
    }

    private static async Task<object?[]> ValuesAsync<T>(ParquetRowGroupReader rows, DataField field, CancellationToken ct)
        where T : struct
    {
        if (field.IsNullable)
        {
            var optional = new T?[rows.RowCount];
            await rows.ReadAsync(field, optional.AsMemory(), null, ct);
            return Array.ConvertAll(optional, cell => (object?)cell);
        }
        var cells = new T[rows.RowCount];
        await rows.ReadAsync(field, cells.AsMemory(), null, ct);
        return Array.ConvertAll(cells, cell => (object?)cell);
    }
}
