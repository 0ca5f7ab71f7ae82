using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Fovea.Checkpoints;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>What is absent, damaged or hostile.</summary>
public sealed partial class EvidencePagesTests
{
    [Theory]
    [InlineData("features/block3/topk/evidence.safetensors")]
    [InlineData("features/block3/topk/examples.parquet")]
    [InlineData("features/block3/flow.json")]
    [InlineData("features/block3/truth.json")]
    [InlineData("features/classes.json")]
    [InlineData("cams")]
    [InlineData("shortcuts")]
    public async Task A_part_that_is_absent_is_left_out(string part)
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        if (Directory.Exists(run.PathOf(part))) Directory.Delete(run.PathOf(part), recursive: true);
        else File.Delete(run.PathOf(part));

        string home = await PageAsync(run, "");

        Assert.DoesNotContain("Not everything could be read", home);
        Assert.Equal(part != "shortcuts", home.Contains("Shortcuts · block3", StringComparison.Ordinal));
        Assert.Equal(part != "cams", home.Contains("Class activation maps · block3", StringComparison.Ordinal));
        Assert.Equal(
            !part.EndsWith("flow.json", StringComparison.Ordinal), home.Contains("Gradient flow · block3", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("features/block3/topk/evidence.safetensors")]
    [InlineData("features/block3/flow.json")]
    [InlineData("features/block3/truth.json")]
    [InlineData("features/classes.json")]
    [InlineData("cams/block3/cams.json")]
    [InlineData("shortcuts/block3/shortcuts.json")]
    public async Task A_damaged_part_is_named(string part)
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        run.WriteText(part, "{ not what it should be");

        Assert.Contains($"RUN/{part}", await PageAsync(run, ""));
    }

    [Theory]
    [InlineData("features/block3/flow/standard-12-5.png", "l/block3", "12 through the standard network after 5 steps")]
    [InlineData("features/classes/paper-7.png", "", "What raises the logit of")]
    [InlineData("cams/block3/0.png", "l/block3", "image val/0")]
    [InlineData("shortcuts/block3/units-00000000/48-1.png", "l/block3", "image val/1")]
    [InlineData("features/block3/topk/pictures-0.png", "l/block3/s/topk/g", "")]
    [InlineData("features/block3/topk/pictures-0.png", Unit, "What drives latent 48 most, preset naive")]
    [InlineData("features/block3/topk/top-0.png", Unit, "Example 1")]
    public async Task A_picture_whose_file_is_missing_or_cut_short_is_told_of_on_its_page_and_on_the_first(
        string file, string page, string alt)
    {
        foreach (bool missing in new[] { true, false })
        {
            using RunFolderFixture run = RunFolderFixture.Evidenced();
            byte[] bytes = File.ReadAllBytes(run.PathOf(file));
            if (missing) File.Delete(run.PathOf(file));
            else File.WriteAllBytes(run.PathOf(file), bytes[..^20]);
            string said = missing ? $"RUN/{file} is missing." : $"RUN/{file} is damaged: it is cut short.";

            string home = await PageAsync(run, ""), html = WebUtility.HtmlDecode(
                await File.ReadAllTextAsync(run.PathOf($"report/{page}/index.html"), Stop));

            Assert.Contains("Not everything could be read", home);
            Assert.Matches(Regex.Escape(said) + @" \d+ pictures? cannot be shown\.", WebUtility.HtmlDecode(home));
            Assert.Contains(alt, html);
            Assert.Contains($"{said}\" title=\"{said}\">missing</span>", html);
            Assert.False(File.Exists(run.PathOf($"report/media/{file}")));
        }
    }

    [Theory]
    [InlineData(10_000, 4)]
    [InlineData(4, 10_000)]
    [InlineData(4, int.MaxValue - 200)]
    public async Task A_rectangle_that_does_not_lie_in_its_file_is_told_of(int left, int top)
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        string table = run.PathOf($"{RunLayout.Units("block3", "topk")}/features.parquet");
        TableFile.Write(
            table, [.. TableFile.Read<FeatureRow>(table)
                .Select(row => row.Picture is null ? row : row with { PictureLeft = left, PictureTop = top })]);

        string home = WebUtility.HtmlDecode(await PageAsync(run, ""));

        Assert.Matches(
            @"RUN/features/block3/topk/pictures-0\.png has \d+ × \d+ pixels: 96 × 96 pixels from \("
                + $@"{left}, {top}\) does not lie in it\. 16 pictures cannot be shown\.", home);
        Assert.DoesNotContain("data:image/png", await File.ReadAllTextAsync(run.PathOf($"report/{Unit}/index.html"), Stop));
    }

    [Fact]
    public async Task A_damaged_list_of_what_made_pictures_is_told_of_and_they_are_shown()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        run.WriteText(RunLayout.Pictures("block3", "topk"), "{");

        Assert.Contains($"RUN/{RunLayout.Pictures("block3", "topk")}", await PageAsync(run, ""));
        string unit = await File.ReadAllTextAsync(run.PathOf($"report/{Unit}/index.html"), Stop);
        Assert.Contains("data:image/png;base64,", unit);
        Assert.DoesNotContain("class=\"made\"", unit);
    }

    [Fact]
    public async Task A_picture_is_the_part_of_its_sheet_that_the_table_names_and_on_its_own_page_itself()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        string units = RunLayout.Units("block3", "topk");
        StoredPicture paper = run.Packed(units, "paper-48");

        string gallery = await PageAsync(run, Gallery), unit = await File.ReadAllTextAsync(run.PathOf($"report/{Unit}/index.html"), Stop);

        // The sheet is as many windows wide as it is pictures, and moved by the picture's place.
        byte[] bytes = await File.ReadAllBytesAsync(run.PathOf($"{units}/{paper.File}"), Stop);
        int width = ImageCodec.ReadHeader(bytes, paper.File).Width, height = ImageCodec.ReadHeader(bytes, paper.File).Height;
        string Percent(double part) => (part * 100 / 96).ToString("0.####", CultureInfo.InvariantCulture) + "%";
        Assert.Contains(
            $"media/{units}/{paper.File}\" alt=\"\" width=\"{width}\" height=\"{height}\" style=\"width:{Percent(width)};left:{Percent(-paper.Left)};top:{Percent(-paper.Top)}\"", gallery);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(run.PathOf($"report/media/{units}/{paper.File}"), Stop));
        // Each preset's picture inside the unit's own page, to the pixel.
        var sheets = new SheetReader(file => File.OpenRead(run.PathOf($"{units}/{file}")), "");
        RgbImage[] inside =
            [.. DataImage().Matches(unit)
                .Select(match => ImageCodec.Decode(Convert.FromBase64String(WebUtility.HtmlDecode(match.Groups[1].Value)), "inside"))];
        Assert.Equal(RunFolderFixture.Presets.Length, inside.Length);
        Assert.All(inside.Zip(RunFolderFixture.Presets),
            pair => Assert.Equal(sheets.Cut(run.Packed(units, $"{pair.Second}-48")).Pixels, pair.First.Pixels));
    }

    [Fact]
    public async Task A_report_copies_sheets_and_not_single_pictures()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();
        await PageAsync(run, "");
        string[] media = Directory.GetFiles(run.PathOf("report/media/features"), "*", SearchOption.AllDirectories);
        // Two layers, four sources each, one file of pictures and one of examples; and the image compared on.
        Assert.InRange(media.Length, 16, 2 * (4 * 2 + 1));
    }

    [Fact]
    public async Task What_cannot_be_read_of_one_unit_is_told_on_its_page_alone()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        Safetensors.Write(run.PathOf("features/block3/topk/evidence.safetensors"),
        [
            SafetensorsEntry.Of(EvidenceTensors.Histogram, new long[RunFolderFixture.Bins], 1, RunFolderFixture.Bins),
            SafetensorsEntry.Of(EvidenceTensors.HistogramEdges, new float[RunFolderFixture.Bins + 1], RunFolderFixture.Bins + 1),
            SafetensorsEntry.Of(EvidenceTensors.GridMean, new float[4], 1, 2, 2),
            SafetensorsEntry.Of(EvidenceTensors.GridRate, new float[4], 1, 2, 2),
        ], TensorSchema.Of(EvidenceTensors.Schema));

        string home = await PageAsync(run, ""), unit = Text(await PageAsync(run, Unit)), other = Text(
            await PageAsync(run, Unit.Replace("48", "0", StringComparison.Ordinal)));

        Assert.DoesNotContain("Not everything could be read", home);
        Assert.Contains("there is no unit 48", unit);
        Assert.DoesNotContain("RUN/", other);
    }

    [Fact]
    public async Task Names_cannot_become_markup()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        const string Bad = "\"><img src=x onerror=alert(1)>";
        CamsDocument cams = DocumentFile.Read<CamsDocument>(run.PathOf(RunLayout.Cams("block3")));
        TruthDocument truth = DocumentFile.Read<TruthDocument>(run.PathOf(RunLayout.Truth("block3")));
        FlowDocument flow = DocumentFile.Read<FlowDocument>(run.PathOf(RunLayout.Flow("block3")));
        StoredPicture picture = cams.Examples[0].Input;
        ShortcutsDocument shortcuts = DocumentFile.Read<ShortcutsDocument>(run.PathOf(RunLayout.Shortcuts("block3")));
        ClassShortcuts found = shortcuts.Classes[0];
        DocumentFile.Write(run.PathOf(RunLayout.Shortcuts("block3")), shortcuts with
        {
            Group = Bad,
            Classes = [found with { Name = Bad, Outcomes = [found.Outcomes[0] with { Name = Bad }],
                Sources = [found.Sources[0] with { Name = Bad,
                    Units = [found.Sources[1].Units[0] with { Pictures = [found.Sources[1].Units[0].Pictures[0] with { Image = Bad, ClassName = Bad }] }] }] }],
        });
        DocumentFile.Write(run.PathOf(RunLayout.Cams("block3")), cams with
        {
            Report = cams.Report with { Methods = [cams.Report.Methods[0] with { Name = Bad, Formula = Bad }] },
            Examples = [cams.Examples[0] with { Image = Bad, ClassName = Bad,
                Overlays = new Dictionary<string, StoredPicture> { [Bad] = picture } }],
        });
        DocumentFile.Write(
            run.PathOf(RunLayout.Truth("block3")),
                truth with { Groups = [truth.Groups[0] with { Name = Bad, Factors = [truth.Groups[0].Factors[0] with { Name = Bad }] }] });
        DocumentFile.Write(
            run.PathOf(RunLayout.Flow("block3")),
                flow with
                {
                    Units = [flow.Units[0] with { Source = Bad,
                    Networks = [flow.Units[0].Networks[0] with { Name = Bad, Curve = [1, 2, double.NaN] }] }]
                });

        string layer = await PageAsync(run, Layer), unit = await File.ReadAllTextAsync(run.PathOf($"report/{Unit}/index.html"), Stop);

        Assert.Contains("onerror", layer);
        Assert.DoesNotContain("<img src=x", layer);
        Assert.DoesNotContain("& <b>", unit);
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("/secret.png")]
    [InlineData("a/../../secret.png")]
    public async Task Pictures_cannot_lead_out_of_their_folder(string file)
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();
        File.Copy(run.PathOf("cams/block3/0.png"), run.PathOf("cams/secret.png"));
        CamsDocument cams = DocumentFile.Read<CamsDocument>(run.PathOf(RunLayout.Cams("block3")));
        DocumentFile.Write(
            run.PathOf(RunLayout.Cams("block3")),
                cams with { Examples = [cams.Examples[0] with { Input = cams.Examples[0].Input with { File = file } }] });

        string home = await PageAsync(run, ""), layer = await PageAsync(run, Layer);

        Assert.Contains("RUN/cams/block3/cams.json", home);
        Assert.DoesNotContain("secret", layer);
        Assert.Empty(Directory.EnumerateFiles(run.PathOf("report"), "secret.png", SearchOption.AllDirectories));
    }
}
