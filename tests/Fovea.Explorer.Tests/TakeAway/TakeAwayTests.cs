using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Explorer.Contents;
using Fovea.Explorer.TakeAway;
using Fovea.Explorer.Tests.Server;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Runs.Notes;
using Xunit;

namespace Fovea.Explorer.Tests.TakeAway;

public sealed partial class TakeAwayTests
{
    private const string Gallery = "/l/block3/s/topk/g";

    [Fact]
    public async Task A_units_page_as_one_file_asks_for_nothing_and_leads_nowhere()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();

        Answer answer = await served.GetAsync("/l/block3/s/topk/f/48/card.html");

        Assert.Equal(200, answer.Status);
        Assert.Equal("attachment; filename=\"block3-topk-48.html\"", answer.Header("Content-Disposition"));
        Assert.Contains("<h1>Latent 48</h1>", answer.Text);
        Assert.Contains("--ground: light-dark(", answer.Text);
        Assert.All(Reference().Matches(answer.Text).Select(match => match.Groups[1].Value), target =>
            Assert.True(target.StartsWith("data:", StringComparison.Ordinal) || target.StartsWith('#'), target));
        Assert.DoesNotContain("<script", answer.Text);
        Assert.True(Regex.Count(answer.Text, "src=\"data:image/png;base64,") > 20);
        Assert.Equal(404, (await served.GetAsync("/l/block3/s/topk/f/9999/card.html")).Status);
        Assert.Equal(404, (await served.GetAsync("/l/block3/s/topk/card.html")).Status);
    }

    [Fact]
    public async Task The_units_of_a_gallery_are_a_table_in_its_order_and_within_its_bounds()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();

        Answer answer = await served.GetAsync(Gallery + "/units.csv?sort=selectivity&desc=1&min.selectivity=0.4");

        Assert.Equal("text/csv; charset=utf-8", answer.Header("Content-Type"));
        IReadOnlyList<string>[] rows = [.. CommaSeparated.Read(answer.Text, "units.csv").Select(line => line.Fields)];
        // Selectivity: 0.9, unknown, 0.5, 0.3.
        Assert.Equal(["0", "96"], rows[1..].Select(row => row[2]));
        Assert.Equal(["layer", "source", "unit", "name", "tags", "topClassName", "density"], rows[0].Take(7));
        int selectivity = rows[0].ToList().IndexOf("selectivity");
        FeatureRow table = TableFile.Read<FeatureRow>(served.Run.PathOf("features/block3/topk/features.parquet")).First(row => row.Unit == 96);
        Assert.Equal(table.Selectivity, double.Parse(rows[2][selectivity], CultureInfo.InvariantCulture));
        Assert.Equal(table.Density, double.Parse(rows[2][6], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task As_JSON_the_same_and_ticked_units_alone_where_the_address_names_them()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();

        JsonElement all = JsonDocument.Parse((await served.GetAsync(Gallery + "/units.json")).Body).RootElement;
        JsonElement ticked = JsonDocument.Parse((await served.GetAsync(Gallery + "/units.json?units=144,0,x")).Body).RootElement;

        Assert.Equal((1, 4), (all.GetProperty("schema").GetInt32(), all.GetProperty("count").GetInt32()));
        Assert.Equal([0, 144], ticked.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("unit").GetInt32()).Order());
        JsonElement rare = all.GetProperty("units").EnumerateArray().Single(unit => unit.GetProperty("unit").GetInt32() == 48);
        Assert.False(rare.TryGetProperty("selectivity", out _));
        Assert.Equal(404, (await served.GetAsync("/l/block3/s/none/g/units.csv")).Status);
    }

    [Fact]
    public async Task Units_are_ticked_in_a_gallery_and_taken_by_a_form_that_needs_no_script()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();
        new RunNotes(served.Run.Folder).Save(new UnitNote("block3", "topk", 96) { Hidden = true }, TestContext.Current.CancellationToken);

        string page = await served.PageAsync(Gallery + "?sort=max&desc=1");
        Html.Check("gallery", page);
        Assert.Contains("<input class=\"tick\" type=\"checkbox\" name=\"unit\" value=\"48\" form=\"ticks\"", page, StringComparison.Ordinal);
        Assert.Contains($"formaction=\"{Gallery}/units.csv\"", page, StringComparison.Ordinal);
        // What the form sends: a box each, those of other pages by the script; one that is hidden was seen by who ticked it.
        Answer csv = await served.GetAsync(Gallery + "/units.csv?units=96&sort=max&desc=1&unit=0&unit=48");
        Assert.Equal(["0", "48", "96"], CommaSeparated.Read(csv.Text, "units.csv").Skip(1).Select(line => line.Fields[2]).Order());
        Answer parquet = await served.GetAsync(Gallery + "/units.parquet?unit=144");
        string path = served.Run.PathOf("taken.parquet");
        await File.WriteAllBytesAsync(path, parquet.Body, TestContext.Current.CancellationToken);
        Assert.Equal([144], TableFile.Read<FeatureRow>(path).Select(row => row.Unit));

        string chosen = await served.PageAsync(Gallery + "?unit=144&unit=0&unit=none&unit=-3");
        Html.Check("chosen", chosen);
        Assert.Contains("2 of ", chosen, StringComparison.Ordinal);
        Assert.Contains("name=\"unit\" value=\"144\" form=\"ticks\" checked", chosen, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"48\" form", chosen, StringComparison.Ordinal);
        // The selection has an address, which units carry on.
        Assert.Contains("/f/144?units=0,144\"", chosen, StringComparison.Ordinal);
        Assert.Contains("href=\"/l/block3/s/topk/f/0?units=0,144\"", await served.PageAsync("/l/block3/s/topk/f/144?units=0,144"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_Parquet_the_rows_are_those_of_the_runs_table()
    {
        await using ServedRun served = await ServedRun.EvidencedAsync();

        Answer answer = await served.GetAsync(Gallery + "/units.parquet?sort=unit&desc=1");

        string path = served.Run.PathOf("taken.parquet");
        await File.WriteAllBytesAsync(path, answer.Body, TestContext.Current.CancellationToken);
        IReadOnlyList<FeatureRow> all = TableFile.Read<FeatureRow>(served.Run.PathOf("features/block3/topk/features.parquet"));
        IReadOnlyList<FeatureRow> taken = TableFile.Read<FeatureRow>(path);
        Assert.Equal([144, 96, 48, 0], taken.Select(row => row.Unit));
        Assert.All(taken, row => Assert.Contains(row, all));
    }

    [Fact]
    public async Task A_card_is_a_picture_with_the_units_own_picture_on_it_and_the_name_that_people_gave()
    {
        Fonts.Require();
        await using ServedRun served = await ServedRun.EvidencedAsync();

        Answer plain = await served.GetAsync("/l/block3/s/topk/f/48/card.png"), other = await served.GetAsync("/l/block3/s/topk/f/96/card.png");
        new RunNotes(served.Run.Folder).Save(new UnitNote("block3", "topk", 48) { Name = "stripes" }, TestContext.Current.CancellationToken);
        Answer named = await served.GetAsync("/l/block3/s/topk/f/48/card.png");

        Assert.Equal((200, "image/png"), (plain.Status, plain.Header("Content-Type")));
        RgbImage card = ImageCodec.Decode(plain.Body, "card");
        Assert.Equal((1000, 620), (card.Width, card.Height));
        Assert.NotEqual(plain.Body, other.Body);
        Assert.NotEqual(plain.Body, named.Body);
        Assert.Equal(404, (await served.GetAsync("/l/block3/s/topk/f/9999/card.png")).Status);
    }

    [Fact]
    public void A_text_that_a_spreadsheet_would_reckon_with_is_guarded_and_a_number_is_not()
    {
        var set = new FeatureSet
        {
            Layer = "=cmd|' /C calc'!A0",
            Source = "+1",
            Units = [new Feature { Unit = 3, Row = new FeatureRow { Unit = 3, Mean = -2.5, BestFactor = "@SUM(A1), \"b\"" } }],
        };

        string csv = new UnitSelection(
            set, set.Units, new NoteBook([new UnitNote(set.Layer, set.Source, 3) { Name = "-1+2", Tags = ["a", "b"] }]), new ModelContents()).Csv();

        IReadOnlyList<string>[] rows = [.. CommaSeparated.Read(csv, "units.csv").Select(line => line.Fields)];
        Assert.Equal(["'=cmd|' /C calc'!A0", "'+1", "3", "'-1+2", "a;b"], rows[1].Take(5));
        Assert.Equal("-2.5", rows[1][rows[0].ToList().IndexOf("mean")]);
        Assert.Equal("'@SUM(A1), \"b\"", rows[1][rows[0].ToList().IndexOf("bestFactor")]);
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Reference();
}
