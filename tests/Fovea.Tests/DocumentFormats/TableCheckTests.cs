using System.Buffers.Binary;
using Xunit;

namespace Fovea.Tests.DocumentFormats;

/// <summary>Tables that lie about themselves, as changed files were found to: Parquet.Net reads some of them without an end, for others it takes
/// a quarter of a gigabyte.</summary>
public sealed class TableCheckTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    /// <summary>A description of every length that is not its own; of one byte it was read for ever.</summary>
    [Fact]
    public void A_description_of_another_length_is_refused()
    {
        byte[] table = TableFile.Bytes<ExampleRow>([new ExampleRow { Unit = 1 }]);
        int own = BinaryPrimitives.ReadInt32LittleEndian(table.AsSpan(table.Length - 8));
        foreach (int length in (int[])[0, 1, 2, own / 2, own - 1, table.Length, int.MaxValue, -1])
        {
            byte[] changed = [.. table];
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(table.Length - 8), length);
            File.WriteAllBytes(_path, changed);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => TableFile.Read<ExampleRow>(_path)).Kind);
            Assert.Equal(FailureKind.Data, Assert.Throws<FoveaException>(() => ExampleTable.Open(_path)).Kind);
        }
    }

    /// <summary>Each byte of the first page's beginning, its header and the length of what is packed, as the largest number of 7 bits and of 8.</summary>
    [Fact]
    public void A_page_that_claims_more_than_it_has_takes_no_memory()
    {
        byte[] table = TableFile.Bytes<ExampleRow>([.. Enumerable.Range(0, 200).Select(i => new ExampleRow { Unit = i })]);
        for (int i = 4; i < 120; i++)
        {
            foreach (byte value in (byte[])[0x7F, 0xFF])
            {
                byte[] changed = [.. table];
                changed[i] = value;
                File.WriteAllBytes(_path, changed);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    TableFile.Read<ExampleRow>(_path);
                }
                catch (FoveaException)
                {
                    // Most of them.
                }
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
            }
        }
    }

    [Fact]
    public void A_table_as_it_is_written_is_read()
    {
        File.WriteAllBytes(_path, TableFile.Bytes<ExampleRow>([.. Enumerable.Range(0, 20_000).Select(i => new ExampleRow { Unit = i / 9 })]));
        Assert.Equal(20_000, TableFile.Read<ExampleRow>(_path).Count);
        Assert.Equal(2223, ExampleTable.Open(_path).Units.Count);
    }
}
