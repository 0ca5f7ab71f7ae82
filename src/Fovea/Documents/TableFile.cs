using Fovea.IO;
using Parquet;
using Parquet.Serialization;

namespace Fovea.Documents;

/// <summary>The one writer and the one reader of tables (Parquet), whole or not at all; the same rows give the same bytes.</summary>
public static class TableFile
{
    /// <summary>Writes a table of <see cref="FeatureRow"/> or <see cref="ExampleRow"/>.</summary>
    /// <exception cref="FoveaException">Resource: the place cannot be written.</exception>
    public static void Write<TRow>(string path, IReadOnlyList<TRow> rows)
    {
        using var buffer = new MemoryStream();
        // Parquet.Net is asynchronous throughout; over memory nothing waits.
        ParquetSerializer.SerializeAsync(rows, buffer, new ParquetOptions { CompressionMethod = CompressionMethod.Snappy }).GetAwaiter().GetResult();
        AtomicFile.WriteBytes(path, buffer.ToArray());
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="FoveaException">Data: the file is missing or is not such a table.</exception>
    public static IReadOnlyList<TRow> Read<TRow>(string path)
        where TRow : class, new()
    {
        try
        {
            using var file = File.OpenRead(path);
            TRow[] rows = [.. ParquetSerializer.DeserializeAsync<TRow>(file).GetAwaiter().GetResult().Data];
            for (int i = 0; i < rows.Length; i++)
            {
                if ((rows[i] as ICheckedRow)?.Inconsistency() is { } fault) throw FoveaException.BadData($"Cannot read {path}: row {i}: {fault}.");
            }
            return rows;
        }
        // Parquet.Net throws many types on damaged files.
        catch (Exception e) when (e is not FoveaException and not OutOfMemoryException)
        {
            throw FoveaException.BadData($"Cannot read {path}: {e.Message}", e);
        }
    }
}
