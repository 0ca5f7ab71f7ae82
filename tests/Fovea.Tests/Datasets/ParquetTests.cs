using System.Security.Cryptography;
using System.Text.Json;
using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

/// <summary>Tables of images that Arrow and DuckDB wrote, row for row against what was written.</summary>
public sealed class ParquetTests
{
    [Theory]
    [InlineData("arrow-nulls", "arrow-nulls")]
    [InlineData("arrow-dictionary", "arrow-dictionary")]
    [InlineData("arrow-v2", "arrow-v2")]
    [InlineData("arrow-delta", "arrow-delta")]
    [InlineData("arrow-brotli", "arrow-brotli")]
    [InlineData("duckdb-v1", "arrow-nulls")]
    [InlineData("duckdb-v2", "arrow-nulls")]
    public void Every_row_has_its_own_image_name_and_label(string file, string written)
    {
        (string? Sha, string? Path, int Label)[] expected = Rows(written);
        using ParquetTree table = ParquetTree.OfFile(Fixture.Of(file + ".parquet"));
        int[] present = [.. Enumerable.Range(0, expected.Length).Where(row => expected[row].Sha is not null)];
        Assert.Equal(present, table.Rows.Select(row => row.Row));
        DataReading reading = new ParquetLayout().Read(table, null);
        for (int i = 0; i < present.Length; i++)
        {
            (string? sha, string? path, int label) = expected[present[i]];
            LabelledFile image = reading.Splits[0].Files[i];
            Assert.Equal($"{file}/{present[i]:D8}{(path is null ? "" : "-" + path)}", image.Id);
            Assert.Equal(label, image.Label);
            Assert.Equal(sha, Convert.ToHexStringLower(SHA256.HashData(table.Read(image.File))));
        }
        Assert.Equal(
            present.Length < expected.Length, reading.Notes.Any(note => note.Contains($"{expected.Length - present.Length} rows without an image")));
    }

    [Fact]
    public async Task The_reader_of_tables_at_hand_shifts_rows_after_a_null_inside_a_struct()
    {
        // Why images are not read by it. When this fails it has been mended.
        (string? Sha, string? Path, int Label)[] expected = Rows("arrow-nulls");
        var shifted = 0;
        using Stream file = File.OpenRead(Fixture.Of("arrow-nulls.parquet"));
        await using var reader = await Parquet.ParquetReader.CreateAsync(file);
        var bytes = reader.Schema.DataFields.Single(field => field.Path.ToString().Contains("bytes"));
        int row = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var values = new byte[]?[rows.RowCount];
            await rows.ReadAsync(bytes, values.AsMemory());
            foreach (byte[]? value in values)
            {
                string? sha = value is null ? null : Convert.ToHexStringLower(SHA256.HashData(value));
                if (sha != expected[row++].Sha) shifted++;
            }
        }
        Assert.True(shifted > 0, "Parquet.Net gives each row its own value now.");
    }

    [Fact]
    public void Pages_are_read_once_where_images_follow_each_other_and_any_image_can_be_read_alone()
    {
        using ParquetTree table = ParquetTree.OfFile(Fixture.Of("arrow-nulls.parquet"));
        byte[][] inOrder = [.. table.Files.Select(file => table.Read(file.Name))];
        int reads = table.PageReads;
        Assert.InRange(reads, 5, 25);
        using ParquetTree again = ParquetTree.OfFile(Fixture.Of("arrow-nulls.parquet"));
        foreach (int i in new[] { inOrder.Length - 1, 0, 17, 5 }) Assert.Equal(inOrder[i], again.Read(again.Files[i].Name));
        Assert.InRange(again.PageReads, 1, 4);
        Parallel.For(0, 200, i => Assert.Equal(inOrder[i % inOrder.Length], again.Read(again.Files[i % inOrder.Length].Name)));
    }

    [Fact]
    public void The_cache_keeps_what_fits_and_reads_the_rest_again()
    {
        using ParquetTree table = ParquetTree.OfFile(Fixture.Of("arrow-brotli.parquet"));
        using var file = File.OpenHandle(Fixture.Of("arrow-brotli.parquet"));
        ParquetFooter footer = ParquetFooter.Read(file);
        var pages = new ParquetPages(file, footer, ImageColumns.Of(footer).Image);
        ParquetPage page = pages.Read(file, 0);
        var cache = new PageCache(2 * page.Memory);
        foreach (int number in new[] { 0, 1, 0, 1, 2, 0, 2 }) cache.Get(0, number, () => page);
        // 2 drives 0 out, which was read before 1; then 0 drives 1 out.
        Assert.Equal(4, cache.Reads);
    }

    [Fact]
    public void Classes_are_those_that_hugging_face_wrote_or_a_list_s_or_texts_or_numbers()
    {
        using (IImageSource source = ImageSources.Open(Fixture.Of("arrow-dictionary.parquet")))
        {
            // A name that stands twice is still two classes.
            Assert.Equal(["tench, Tinca tinca", "goldfish", "crane (2)", "crane (3)"], source.Classes.Select(info => info.Id));
            Assert.Equal("crane", source.Classes[3].Name);
        }
        using (IImageSource source = ImageSources.Open(Fixture.Of("arrow-texts.parquet")))
        {
            Assert.Equal(["crane", "goldfish", "tench, Tinca tinca"], source.Classes.Select(info => info.Id));
            Assert.Equal([2, 1, 0, 0], Enumerable.Range(0, 4).Select(source.Label));
        }
        using (IImageSource source = ImageSources.Open(Fixture.Of("arrow-brotli.parquet")))
        {
            Assert.Equal(["0", "1", "2", "3"], source.Classes.Select(info => info.Id));
            Assert.Contains(source.Notes, note => note.Contains("class list"));
        }
        using var data = new TestImages();
        string list = data.Write("list.json", "[\"a\", \"b\", \"c\", \"d\"]");
        using (IImageSource source = ImageSources.Open(Fixture.Of("arrow-brotli.parquet"), new ImageSourceOptions { Classes = list }))
            Assert.Equal("b", source.LabelName(1));
    }

    [Fact]
    public void Files_of_a_folder_are_splits_by_their_names()
    {
        using var data = new TestImages();
        byte[] file = Fixture.Bytes("arrow-dictionary.parquet");
        foreach (string name in new[] { "data/train-00000-of-00002", "data/train-00001-of-00002", "data/validation-00000-of-00001" })
            data.Write($"{name}.parquet", file);
        data.Write("README.md", "x");
        DataDescription described = ImageSources.Describe(data.Root);
        Assert.Equal(["train 120", "val 60"], described.Splits.Select(split => $"{split.Name} {split.Labelled}"));
        Assert.Equal(("parquet", "parquet", 180), (described.Kind, described.Layout, described.Images));
        using IImageSource source = ImageSources.Open(data.Root, new ImageSourceOptions { Split = "val" });
        Assert.Equal("data/validation-00000-of-00001/00000000-n01440000_0.JPEG", source.Id(0));
        data.Write("data/more.parquet", file);
        Assert.Contains("of no split", Assert.Throws<FoveaException>(() => ImageSources.Open(data.Root)).Message);
    }

    [Fact]
    public void Two_openings_have_one_fingerprint_and_another_byte_has_another()
    {
        using var data = new TestImages();
        byte[] bytes = Fixture.Bytes("arrow-delta.parquet");
        string path = data.Write("a.parquet", bytes);
        string first = Print(path);
        Assert.Equal(first, Print(path));
        // The first image's bytes stand as they are in this file, and again as the least of its page.
        byte[] start = [0, 7, 14, 21, 28, 35];
        for (int at = 0; bytes.AsSpan(at).IndexOf(start) is >= 0 and var next; at += next + 1) bytes[at + next + 3]++;
        data.Write("a.parquet", bytes);
        Assert.NotEqual(first, Print(path));

        static string Print(string path)
        {
            using IImageSource source = ImageSources.Open(path);
            return source.Fingerprint;
        }
    }

    [Theory]
    [InlineData("arrow-all-null", "bytes of all 5 rows are null")]
    [InlineData("arrow-label-outside", "is of class 4, and the file names 4 classes")]
    [InlineData("arrow-lz4", "LZ4")]
    public void What_cannot_be_used_is_refused_with_the_reason(string file, string message) =>
        Assert.Contains(message, Assert.Throws<FoveaException>(() => ImageSources.Open(Fixture.Of(file + ".parquet"))).Message);

    [Fact]
    public void Labels_that_are_all_minus_one_are_none()
    {
        using IImageSource source = ImageSources.Open(Fixture.Of("arrow-label-minus-one.parquet"));
        Assert.Empty(source.Classes);
        Assert.Equal(-1, source.Label(0));
    }

    /// <summary>Counts whose sizes in bytes or numbers overflow: 2⁵⁹ groups of 32 bits are 2⁶⁴ bytes.</summary>
    [Theory]
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10 }, 32)]
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, 0)]
    public void Groups_that_no_page_holds_are_refused(byte[] page, int width) =>
        Assert.Throws<FormatException>(() => new PageBits(page).Hybrid(new int[8], width));

    [Theory]
    [InlineData("arrow-nulls")]
    [InlineData("arrow-dictionary")]
    [InlineData("arrow-v2")]
    [InlineData("duckdb-v2")]
    public void A_file_cut_anywhere_or_with_any_byte_changed_is_read_or_refused(string name)
    {
        using var data = new TestImages();
        byte[] whole = Fixture.Bytes(name + ".parquet");
        for (int length = 0; length < whole.Length; length += 37)
            Assert.Throws<FoveaException>(() => ImageSources.Open(data.Write("cut.parquet", whole[..length])));
        for (int at = 0; at < whole.Length; at += 3)
        {
            byte[] changed = [.. whole];
            changed[at] ^= 0xFF;
            try
            {
                using IImageSource source = ImageSources.Open(data.Write("changed.parquet", changed));
                for (int i = 0; i < source.Count; i++) source.Stored(i);
            }
            catch (FoveaException e)
            {
                Assert.Equal(FailureKind.Data, e.Kind);
            }
        }
    }

    private static (string?, string?, int)[] Rows(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Fixture.Of("parquet.json")));
        return [.. document.RootElement.GetProperty(name + ".parquet").EnumerateArray()
            .Select(row => (row[0].GetString(), row[1].GetString(), row[2].GetInt32()))];
    }
}
