using Fovea.Interpretation;
using Fovea.Runs;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>A unit's examples read alone are those that a reading of the whole table gives.</summary>
public sealed class ExampleIndexTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("fovea-examples-").FullName;

    private string Table => Path.Combine(_run, "features", "block3", "topk", FeatureTables.ExamplesName);

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_unit_s_rows_are_the_table_s(bool mixed)
    {
        // More than two row groups; mixed: a unit's rows lie in several of them.
        ExampleRow[] rows = [.. Enumerable.Range(0, 10_000).Select(i => Row(mixed ? i * 7919 % 613 : i / 17, i))];
        Write(rows);

        IExampleIndex index = new RunFolderReader(_run).ExampleIndex("block3", "topk")!;

        Assert.Equal(rows.Select(row => row.Unit).Distinct().Order(), index.Units.Order());
        Assert.Equal(rows.Where(row => row.Crop is not null || row.Heat is not null).Select(row => row.Unit).Distinct().Order(), index.Pictured.Order());
        foreach (int unit in index.Units) Assert.Equal(rows.Where(row => row.Unit == unit), index.Of(unit));
        foreach (int unit in index.Units.Concat(index.Units))
        {
            ExampleRow? strongest = rows.Where(row => row.Unit == unit && row.Kind == ExampleKinds.Top).OrderBy(row => row.Rank).FirstOrDefault();
            Assert.Equal(strongest, index.Strongest(unit));
        }
        Assert.Null(index.Strongest(-1));
        Assert.Empty(index.Of(-1));
        Assert.Equal(rows, new RunFolderReader(_run).Examples("block3", "topk"));
    }

    [Fact]
    public void Several_threads_may_ask_and_the_table_may_be_replaced_meanwhile()
    {
        ExampleRow[] rows = [.. Enumerable.Range(0, 30_000).Select(i => Row(i / 10, i))];
        Write(rows);
        IExampleIndex index = new RunFolderReader(_run).ExampleIndex("block3", "topk")!;

        Parallel.For(0, 3000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            int unit = i * 1009 % 3000;
            Assert.Equal(rows.Skip(unit * 10).Take(10), index.Of(unit));
            if (i == 100) Write(rows);
        });
    }

    [Fact]
    public void A_damaged_table_is_a_sentence()
    {
        Write([.. Enumerable.Range(0, 9000).Select(i => Row(i / 9, i))]);
        byte[] bytes = File.ReadAllBytes(Table);
        var reader = new RunFolderReader(_run);
        IExampleIndex index = reader.ExampleIndex("block3", "topk")!;
        foreach (byte[] damaged in (byte[][])[[], bytes[..^9], bytes[..(bytes.Length / 2)], [.. bytes[..4], .. new byte[bytes.Length - 200], .. bytes[^196..]]])
        {
            File.WriteAllBytes(Table, damaged);
            FoveaException said = Assert.Throws<FoveaException>(() =>
            {
                // Its rows may be damaged where the numbers of its units are not.
                IExampleIndex again = reader.ExampleIndex("block3", "topk")!;
                foreach (int unit in again.Units) again.Of(unit);
            });
            Assert.Equal(FailureKind.Data, said.Kind);
            Assert.Contains(FeatureTables.ExamplesName, said.Message);
        }
        Assert.Throws<FoveaException>(() => index.Of(999));
        File.Delete(Table);
        Assert.Null(reader.ExampleIndex("block3", "topk"));
    }

    private void Write(ExampleRow[] rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Table)!);
        TableFile.Write(Table, rows);
    }

    private static ExampleRow Row(int unit, int i) => new()
    {
        Unit = unit,
        Kind = i % 3 == 0 ? ExampleKinds.Near : ExampleKinds.Top,
        Rank = i % 17,
        Image = $"val/{i * 31 % 5000}",
        ImageIndex = i * 31 % 5000,
        Label = i % 24,
        Value = i * 0.25f,
        Y = i % 7,
        X = i % 5,
        Crop = unit % 5 == 0 ? "top-0.png" : null,
        CropLeft = unit % 5 == 0 ? i % 900 : null,
        CropTop = unit % 5 == 0 ? 4 : null,
        CropWidth = unit % 5 == 0 ? 64 : null,
        CropHeight = unit % 5 == 0 ? 64 : null,
        Heat = unit % 11 == 3 ? "others-0.png" : null,
        HeatLeft = unit % 11 == 3 ? i % 900 : null,
        HeatTop = unit % 11 == 3 ? 4 : null,
        HeatWidth = unit % 11 == 3 ? 64 : null,
        HeatHeight = unit % 11 == 3 ? 64 : null,
    };
}
