using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>
/// The pages of the visualisation engine: units with their evidence, galleries, gradient flow, truth, class activation maps.
/// </summary>
public sealed partial class EvidencePagesTests
{
    private const string Unit = "l/block3/s/topk/f/48", Layer = "l/block3", Gallery = "l/block3/s/topk/g";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_unit_is_shown_with_all_that_is_known_of_it()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string text = Text(await PageAsync(run, Unit));

        foreach (string said in (string[])[
            // Peaks 4, 8, 12 and 16 over a percentile of 4.
            "naive reaches 1 × the 99.9th percentile", "paper reaches 2 × the 99.9th percentile",
                "Fourier reaches 3 × the 99.9th percentile", "MACO reaches 4 × the 99.9th percentile",
            "seeds agree to 0.64, pictures of other units to 0.31", "no other latent fires more on it", "1 other latent fires more on it",
                "another network's evidence for its class: 0.375, on pictures of other units 0.005",
            "Monosemanticity 0.62 0.213", "Class purity 0.75 0.125", "Uniqueness 0.88 0.97", "Best F1 0.71", "Best AUROC 0.953",
                "it follows shape=circle & <b> best",
            "driven most by plain disc", "how often; darkest: 41.5 %", "fourier", "steps 256", "learning rate 0.05",
                "transforms jitter by up to 8 px"])
            Assert.Contains(said, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_bar_is_as_long_as_its_picture_reaches_with_the_mark_of_real_images_on_the_same_scale()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Unit);

        Assert.Equal(
            [("25", "25"), ("50", "25"), ("75", "25"), ("100", "25")], Reach().Matches(html)
                .Select(match => (match.Groups[1].Value, match.Groups[2].Value)));
    }

    [Fact]
    public async Task Pictures_of_a_unit_that_seldom_fires_are_measured_by_when_it_does()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Unit.Replace("48", "96", StringComparison.Ordinal)), text = Text(html);

        // Peaks 4, 8, 12 and 16 over 8.
        foreach (string said in (string[])["naive reaches 0.5 × the 99.9th percentile of when it fires",
            "MACO reaches 2 × the 99.9th percentile of when it fires", "fewer than 0.1 % of the positions"])
            Assert.Contains(said, text);
        Assert.DoesNotContain("when it fires", Text(await PageAsync(run, Unit)));
    }

    [Fact]
    public async Task Examples_stand_by_kind_from_the_strongest_to_those_that_leave_the_unit_silent()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Unit);

        Assert.Equal(
            ["The strongest", "Above the 90th percentile", "Above the 75th percentile", "Above the 50th percentile", "Drawn at random",
                "Near misses"],
            Kind().Matches(html).Select(match => Text(match.Groups[1].Value)));
        Assert.Equal(
            [6, 3, 3, 3, 4, 3], html.Split("<div class=\"kind").Skip(2).Select(kind => kind.Split("class=\"picture heat\"").Length - 1));
    }

    [Fact]
    public async Task Classes_are_named_from_the_rows_of_the_unit()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Unit);

        (string Name, double Value)[][] lists =
            [.. html.Split("<ol class=\"bars").Skip(1).Select(list => Bar().Matches(list.Split("</ol>")[0])
            .Select(match =>
                (WebUtility.HtmlDecode(match.Groups[1].Value),
                    double.Parse(match.Groups[2].Value.Replace('−', '-'), CultureInfo.InvariantCulture))).ToArray())];
        // Latent 48 answers to class 0; the others rise with their number. Weights are (label − 11) / 8.
        Assert.Equal([0, .. Enumerable.Range(15, 9).Reverse()], lists[0].Select(bar => LabelOf(bar.Name)));
        Assert.Equal([1.5, 0.23, 0.22], lists[0].Take(3).Select(bar => bar.Value));
        Assert.Equal([1.5, 1.375, 1.25, 1.125, 1], lists[1].Select(bar => bar.Value));
        Assert.Equal([-1.375, -1.25, -1.125, -1, -0.875], lists[2].Select(bar => bar.Value));
        Assert.Equal([0, 1, 2, 3, 4], lists[2].Select(bar => LabelOf(bar.Name)));
    }

    [Fact]
    public async Task A_gallery_holds_every_unit_with_its_numbers_and_is_the_only_page_with_its_script()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Gallery);

        Assert.Equal(["0", "48", "96", "144"], Tile().Matches(html).Select(match => match.Groups[1].Value));
        Assert.Contains("data-density=\"0.1\" data-max=\"12\" data-ratio=\"2\"", html);
        Assert.Contains("<option value=\"monosemanticity\">Monosemanticity</option>", html);
        string text = Text(html);
        // A name and its number each: nothing has to be read out of a line of text.
        string[] measures = [.. Squeezed(html).Split("<dl class=\"measures\">").Skip(1).Select(part => part.Split("</dl>")[0])];
        Assert.StartsWith("<div><dt>active</dt><dd>0.1\u00a0%</dd></div><div><dt>reaches</dt><dd>2×</dd></div>", measures[0]);
        Assert.Contains("<div><dt>uniqueness</dt><dd>0.88 <small>(0.97)</small></dd></div>", string.Concat(measures));
        Assert.Contains("<div><dt>class elsewhere</dt><dd>0.38 <small>(0.005)</small></dd></div>", string.Concat(measures));
        Assert.DoesNotContain(" · ", html.Split("class=\"gallery\"")[1].Split("</ol>")[0]);
        Assert.Contains("In brackets what chance gives.", text);
        Assert.Contains("data-ratio=\"1\"", html);
        Assert.Contains("measured by the 99.9th percentile of when they fire", text);
        // The second unit's selectivity is not known: it has no such attribute.
        Assert.Equal(3, html.Split("data-selectivity=").Length - 1);
        string[] scripted =
            [.. Directory.EnumerateFiles(run.PathOf("report"), "*.html", SearchOption.AllDirectories)
                .Where(page => File.ReadAllText(page).Contains("gallery.js", StringComparison.Ordinal))];
        Assert.Equal(
            ["l/block3/g/index.html", "l/block3/s/topk/g/index.html"],
                scripted.Select(page => Path.GetRelativePath(run.PathOf("report"), page).Replace('\\', '/')).Order());
        string neurons = await File.ReadAllTextAsync(run.PathOf("report/l/block3/g/index.html"), Stop);
        Assert.DoesNotContain("Monosemanticity", neurons);
    }

    [Fact]
    public async Task A_layer_shows_gradient_flow_truth_and_class_activation_maps()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Layer);
        string text = Text(html);

        Assert.Equal(
            ["5 steps", "10 steps", "50 steps", "100 steps", "200 steps", "500 steps"], Step().Matches(html.Split("id=\"flow\"")[1]).Take(6)
                .Select(match => match.Groups[1].Value));
        Assert.Contains("flow/standard-12-5.png", html);
        Assert.Contains("flow/modified-48-500.png", html);
        Assert.Contains("Latents of topk 192 0.731 ± 0.012 0.831 Neurons 48 0.517 ± 0.012 0.617 Random directions 192 0.402", text);
        Assert.Contains("shape=circle 48 0.781 0.97 12 0.567 0.97 7 0.452 0.97", text);
        Assert.Contains("href=\"../../l/block3/s/topk/f/48/index.html\">48</a>", html);
        Assert.Contains(
            "Method All zero Nowhere positive Silent Negative sum Positive area Grad-CAM 71.8 % 10.0 % 5.0 % 30.0 % 25.0 %", text);
        Assert.Contains("media/cams/block3/1-3.png", html);
    }

    [Fact]
    public async Task A_layer_shows_shortcuts_and_what_muting_them_does()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, Layer), section = html.Split("id=\"shortcuts\"")[1].Split("</section>")[0];
        string text = Text(section);

        Assert.Contains("as it is 40.0 % (30.0 to 45.0 %) 77.5 % (67.5 to 82.5 %) 90.0 % 90.0 % 40.0 % 90.0 %", text);
        Assert.Contains("1 latent of topk muted 70.0 % (60.0 to 75.0 %)", text);
        Assert.Contains("75.0 % (65.0 to 80.0 %)", text);
        Assert.Contains("groups of 40, 40, 960, 960", text);
        Assert.Contains("48 · muted 1.25 (1.15 to 1.3) 0.9 (0.8 to 0.95) 97.0 % 0.88 50.0 %", text);
        Assert.Contains("href=\"../../l/block3/s/topk/f/48/index.html\">48</a>", section);
        Assert.Contains("media/shortcuts/block3/units-00000000/48-1.png", section);
        // A bar for each change and the reference, with what it says for those who do not see it.
        Assert.Contains("1 latent of topk muted: worst group 70.0", WebUtility.HtmlDecode(section));
        Assert.Equal(3, section.Split("height=\"12\"").Length - 1);
    }

    [Fact]
    public async Task The_first_page_shows_what_raises_classes()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await PageAsync(run, "");

        Assert.Contains($"{RunFolderFixture.ClassName(2)} · 12.25", Text(html));
        Assert.Contains($"{RunFolderFixture.ClassName(7)} · 17.25", Text(html));
        Assert.Contains("media/features/classes/paper-7.png", html);
        Assert.True(File.Exists(run.PathOf("report/media/features/classes/paper-2.png")));
        Assert.False(Directory.Exists(run.PathOf("report/l/classes"))); // the folder is no layer
    }

    [Fact]
    public async Task A_comparison_counts_the_units_tied_to_the_class()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string text = Text(await PageAsync(run, "l/block3/i/0"));

        Assert.Contains($"5 of the top 20 are class related (4 distinct): they fire most on {RunFolderFixture.ClassName(0)} or "
            + $"{RunFolderFixture.ClassName(4)}", text);
        Assert.Contains($"8 of the top 20 are class related (6 distinct): they fire most on {RunFolderFixture.ClassName(0)}, ", text);
        Assert.Contains($"{RunFolderFixture.ClassName(5)} or 3 other classes", text);
    }

    [Fact]
    public async Task Units_drawn_by_several_presets_stand_side_by_side()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string text = Text(await PageAsync(run, "l/block3/s/topk"));

        Assert.Contains("Latent 0 naive reaches 1 × the 99.9th percentile paper reaches 2 × the 99.9th percentile Fourier", text);
        Assert.Contains("maco: over their phases alone", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_unit_that_was_not_measured_is_shown_by_what_there_is()
    {
        using RunFolderFixture run = RunFolderFixture.Small();

        string text = Text(await PageAsync(run, Unit));

        Assert.Contains("paper reaches 15.2", text);
        Assert.Contains("The strongest", text);
        Assert.DoesNotContain("percentile", text);
        Assert.DoesNotContain("In numbers", text);
        Assert.DoesNotContain("Near misses", text);
    }

    private static async Task<string> PageAsync(RunFolderFixture run, string page)
    {
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        return await File.ReadAllTextAsync(run.PathOf($"report/{(page.Length > 0 ? page + "/" : "")}index.html"), Stop);
    }

    /// <summary>The words of a page, with single spaces.</summary>
    private static string Text(string html) => Spaces().Replace(WebUtility.HtmlDecode(Markup().Replace(html, " ")), " ").Trim();

    private static int LabelOf(string name) =>
        Enumerable.Range(0, RunFolderFixture.Classes).First(label => RunFolderFixture.ClassName(label) == name);

    /// <summary>Markup without what lies between tags that follow each other.</summary>
    private static string Squeezed(string html) => Between().Replace(WebUtility.HtmlDecode(html), "><");

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Markup();

    [GeneratedRegex(">\\s+<")]
    private static partial Regex Between();

    [GeneratedRegex("[\\s\u00a0]+")]
    private static partial Regex Spaces();

    [GeneratedRegex("class=\"reach\"[^>]*><span style=\"width:([^%]*)%\"></span><i style=\"left:([^%]*)%\">")]
    private static partial Regex Reach();

    [GeneratedRegex("<div class=\"kind[^s>]*>\\s*<h3>([^<]*)</h3>")]
    private static partial Regex Kind();

    [GeneratedRegex("class=\"bar-name\">([^<]*)<.*?class=\"bar-value\">([^<]*)<")]
    private static partial Regex Bar();

    [GeneratedRegex("class=\"feature-tile\" data-unit=\"([0-9]+)\"")]
    private static partial Regex Tile();

    [GeneratedRegex("src=\"data:image/png;base64,([^\"]*)\"")]
    private static partial Regex DataImage();

    [GeneratedRegex("<h4>([^<]*)</h4>")]
    private static partial Regex Step();
}
