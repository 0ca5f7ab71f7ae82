using System.Globalization;
using Fovea.IO;
using Parquet;
using Parquet.Serialization;

namespace Fovea.Documents;

/// <summary>The one writer and the one reader of tables (Parquet), whole or not at all; the same rows give the same bytes.</summary>
public static class TableFile
{
    /// <summary>The key of the schema number in a table's metadata.</summary>
    public const string SchemaKey = "schema";

    /// <summary>Writes a table of <see cref="FeatureRow"/> or <see cref="ExampleRow"/>.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void Write<TRow>(string path, IReadOnlyList<TRow> rows)
        where TRow : class, ITableRow => AtomicFile.WriteBytes(path, Bytes(rows));

    /// <summary>The bytes of such a table.</summary>
    public static byte[] Bytes<TRow>(IReadOnlyList<TRow> rows)
        where TRow : class, ITableRow
    {
        using var buffer = new MemoryStream();
        var options = new ParquetOptions
        {
            CompressionMethod = CompressionMethod.Snappy,
            // So that a unit's examples can be read without those of all others.
            RowGroupSize = typeof(TRow) == typeof(ExampleRow) ? ExampleTable.RowsOfGroup : ParquetOptions.DefaultRowGroupSize,
        };
        // Parquet.Net is asynchronous throughout; over memory nothing waits.
        ParquetSerializer.SerializeAsync(rows, buffer, options,
            new Dictionary<string, string> { [SchemaKey] = TRow.CurrentSchema.ToString(CultureInfo.InvariantCulture) }).GetAwaiter()
                .GetResult();
        return buffer.ToArray();
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="FoveaException">Data: the file is missing, is not such a table, or its rows are of another schema.</exception>
    public static IReadOnlyList<TRow> Read<TRow>(string path)
        where TRow : class, ITableRow, new() => Read<TRow>(path, group: null);

    /// <summary>Reads one of its row groups, or all.</summary>
    internal static IReadOnlyList<TRow> Read<TRow>(string path, int? group)
        where TRow : class, ITableRow, new() => Guarded(path, () =>
    {
        using FileStream file = OpenShared(path);
        // Where one group is asked for, the whole was looked at when the table was opened.
        if (group is null) TableCheck.Require(file);
        SchemaNumber.Require(Schema(file), TRow.CurrentSchema, path);
        file.Position = 0;
        TRow[] rows = [.. ParquetSerializer.DeserializeAsync<TRow>(file, rowGroupIndex: group).GetAwaiter().GetResult().Data];
        for (int i = 0; i < rows.Length; i++)
        {
            if ((rows[i] as ICheckedRow)?.Inconsistency() is { } fault)
                throw FoveaException.BadData($"Cannot read {path}: row {i}: {fault}.");
        }
        return rows;
    });

    /// <summary>Opens a table so that its writer can replace it meanwhile.</summary>
    internal static FileStream OpenShared(string path) => PlainFile.OpenRead(path, share: FileShare.Read | FileShare.Delete);

    /// <summary>Whatever a damaged table makes Parquet.Net throw (many types) is a sentence.</summary>
    internal static T Guarded<T>(string path, Func<T> read)
    {
        // Parquet.Net is asynchronous throughout. Waited for on a thread that takes turns (where a page is rendered), what it goes on with
        // would wait for the turn that waits for it.
        SynchronizationContext? turns = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return read();
        }
        catch (Exception e) when (e is not FoveaException and not OutOfMemoryException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(turns);
        }
    }

    private static string? Schema(Stream file)
    {
        ParquetReader reader = ParquetReader.CreateAsync(file, leaveStreamOpen: true).GetAwaiter().GetResult();
        try
        {
            return reader.CustomMetadata.GetValueOrDefault(SchemaKey);
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
