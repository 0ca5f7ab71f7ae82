using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fovea.Explorer.Galleries;
using Fovea.Interpretation;
using Xunit;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Galleries of all units beside a plain sort of the table: the same units in the same order, page by page.</summary>
public sealed partial class ServedGalleryTests : IAsyncLifetime
{
    private ServedRun _served = null!;
    private IReadOnlyList<FeatureRow> _rows = [];

    public async ValueTask InitializeAsync()
    {
        _served = await ServedRun.EvidencedAsync();
        AllUnits.Write(_served.Run, "block3", "topk", pictured: 4);
        _rows = [.. TableFile.Read<FeatureRow>(_served.Run.PathOf($"features/block3/topk/{FeatureTables.FeaturesName}")).DistinctBy(row => row.Unit)];
    }

    public ValueTask DisposeAsync() => _served.DisposeAsync();

    [Theory]
    [InlineData("unit")]
    [InlineData("density")]
    [InlineData("max")]
    [InlineData("mean")]
    [InlineData("p999")]
    [InlineData("p999Active")]
    [InlineData("selectivity")]
    [InlineData("topClassMean")]
    [InlineData("truth")]
    public async Task Every_number_sorts_both_ways_with_the_unknown_last_and_equals_in_the_run_s_order(string key)
    {
        Func<FeatureRow, double?> value = Value(key);
        FeatureRow[] order = [.. RunOrder()];
        FeatureRow[] known = [.. order.Where(row => value(row) is not null)], unknown = [.. order.Where(row => value(row) is null)];

        Assert.Equal(known.OrderByDescending(value).Concat(unknown).Select(row => row.Unit), await UnitsAsync($"?sort={key}&desc=1"));
        Assert.Equal(known.OrderBy(value).Concat(unknown).Select(row => row.Unit), await UnitsAsync($"?sort={key}"));
    }

    [Fact]
    public async Task Without_an_order_the_run_s_stands_and_every_unit_is_on_one_page()
    {
        int[] units = await UnitsAsync("");
        Assert.Equal(RunOrder().Select(row => row.Unit), units);
        Assert.Equal(Enumerable.Range(0, RunFolderFixture.Latents), units.Order());
    }

    [Theory]
    [InlineData("?min.density=1&max.density=3", "density", 1.0, 3.0)]
    [InlineData("?min.selectivity=0.5&sort=selectivity", "selectivity", 0.5, double.PositiveInfinity)]
    [InlineData("?max.max=-1", "max", double.NegativeInfinity, -1.0)]
    [InlineData("?max.p999=0", "p999", double.NegativeInfinity, 0.0)]
    public async Task Bounds_leave_out_what_lies_beyond_and_what_is_not_known(string query, string key, double least, double most)
    {
        Func<FeatureRow, double?> value = Value(key);
        Assert.Equal(
            RunOrder().Where(row => value(row) >= least && value(row) <= most).Select(row => row.Unit).Order(), (await UnitsAsync(query)).Order());
    }

    [Fact]
    public async Task Words_are_looked_for_in_the_number_the_class_and_the_factor()
    {
        Assert.Equal(
            RunOrder().Where(row => $"{row.Unit} {RunFolderFixture.ClassName(row.TopClass!.Value)} {row.BestFactor}" is var text
                && text.Contains("DISC", StringComparison.OrdinalIgnoreCase) && text.Contains("1", StringComparison.Ordinal)).Select(row => row.Unit),
            await UnitsAsync("?words=DISC+1"));
    }

    [Theory]
    [InlineData("?sort=constructor&desc=1", "")]
    [InlineData("?sort=max&desc=yes", "?sort=max")]
    [InlineData("?desc=1", "")]
    [InlineData("?min.max=NaN&max.max=1e999&min.__proto__=1", "")]
    [InlineData("?page=0&size=0", "")]
    [InlineData("?page=-1", "")]
    [InlineData("?size=100000", "?size=240")]
    [InlineData("?max.unit=7&min.unit=3&desc=1&sort=unit&words=a%26b", "?sort=unit&desc=1&min.unit=3&max.unit=7&words=a%26b")]
    public void A_query_is_read_to_one_form_and_what_it_cannot_mean_is_not_there(string query, string form)
    {
        Assert.Equal(form, GalleryQuery.Parse(query).ToString());
        Assert.Equal(form, GalleryQuery.Parse(form).ToString());
    }

    [Fact]
    public async Task Pages_beyond_the_last_are_the_last()
    {
        JsonElement gallery = JsonDocument.Parse((await _served.GetAsync("/api/l/block3/s/topk/g?page=999")).Body).RootElement;
        Assert.Equal((4, 4, 192, 192), (gallery.GetProperty("page").GetInt32(), gallery.GetProperty("pages").GetInt32(),
            gallery.GetProperty("total").GetInt32(), gallery.GetProperty("matching").GetInt32()));
        Assert.Equal(192 - 3 * GalleryQuery.UsualSize, gallery.GetProperty("units").GetArrayLength());
    }

    [Fact]
    public async Task Next_and_previous_follow_the_order_of_the_address_through_all_units()
    {
        const string Query = "?sort=selectivity&desc=1&min.density=0.5";
        int[] order = await UnitsAsync(Query);
        Assert.True(order.Length > 20);
        string? path = $"/l/block3/s/topk/f/{order[0]}{Query}";
        List<int> walked = [];
        while (path is not null)
        {
            string html = await _served.PageAsync(path);
            walked.Add(int.Parse(path.Split('?')[0].Split('/')[^1], CultureInfo.InvariantCulture));
            string? previous = Walk(html, "prev"), gallery = Gallery().Match(html).Groups[1].Value;
            Assert.Equal(walked.Count == 1 ? null : $"/l/block3/s/topk/f/{walked[^2]}{Query}", previous);
            Assert.StartsWith("/l/block3/s/topk/g?sort=selectivity", gallery.Replace("&amp;", "&", StringComparison.Ordinal));
            path = Walk(html, "next");
        }
        Assert.Equal(order, walked);
        // A unit that the bounds leave out has no neighbours among them.
        string outside = await _served.PageAsync($"/l/block3/s/topk/f/{Enumerable.Range(0, 192).Except(order).First()}{Query}");
        Assert.Null(Walk(outside, "next"));
    }

    [Fact]
    public async Task The_form_s_own_words_are_a_gallery_and_the_page_needs_no_script()
    {
        string html = await _served.PageAsync("/l/block3/s/topk/g?sort=max&desc=1&words=&min.density=&max.density=3&min.max=");

        Assert.DoesNotContain("gallery.js", html);
        Assert.Contains("<option value=\"max\" selected", html);
        Assert.Matches("name=\"max.density\" value=\"3\"", html);
        Assert.Contains("method=\"get\"", html);
    }

    private async Task<int[]> UnitsAsync(string query)
    {
        List<int> units = [], listed = [];
        for (int page = 1, pages = 1; page <= pages; page++)
        {
            string path = $"/l/block3/s/topk/g{(query.Length == 0 ? "?" : query + "&")}page={page}";
            string html = await _served.PageAsync(path);
            units.AddRange(Tile().Matches(html).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
            JsonElement gallery = JsonDocument.Parse((await _served.GetAsync("/api" + path)).Body).RootElement;
            pages = gallery.GetProperty("pages").GetInt32();
            listed.AddRange(gallery.GetProperty("units").EnumerateArray().Select(unit => unit.GetProperty("unit").GetInt32()));
        }
        Assert.Equal(units, listed);
        return [.. units];
    }

    /// <summary>Those with pictures first, each part by its maximum.</summary>
    private IEnumerable<FeatureRow> RunOrder() =>
        _rows.OrderByDescending(row => row.Picture is not null).ThenByDescending(row => row.Max).ThenBy(row => row.Unit);

    private static Func<FeatureRow, double?> Value(string key) => key switch
    {
        "unit" => row => row.Unit,
        "density" => row => row.Density * 100,
        "max" => row => row.Max,
        "mean" => row => row.Mean,
        "p999" => row => row.P999,
        "p999Active" => row => row.P999Active,
        "selectivity" => row => row.Selectivity,
        "topClassMean" => row => row.TopClassMean,
        _ => row => row.BestF1,
    };

    private static string? Walk(string html, string way) =>
        Regex.Match(html, $"<a rel=\"{way}\" href=\"([^\"]*)\"") is { Success: true } match
            ? match.Groups[1].Value.Replace("&amp;", "&", StringComparison.Ordinal) : null;

    [GeneratedRegex("class=\"feature-tile\" data-unit=\"([0-9]+)\"")]
    private static partial Regex Tile();

    [GeneratedRegex("<a href=\"([^\"]*)\">Gallery</a>")]
    private static partial Regex Gallery();
}
