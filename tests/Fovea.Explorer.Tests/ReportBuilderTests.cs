using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Fovea.Runs;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed partial class ReportBuilderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_complete_run_gives_every_page()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();

        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);

        Assert.Equal(run.PathOf("report/index.html"), index);
        foreach (string layer in RunFolderFixture.Layers)
        {
            Assert.True(File.Exists(run.PathOf($"report/l/{layer}/index.html")));
            Assert.True(File.Exists(run.PathOf($"report/l/{layer}/f/4/index.html")));
            Assert.True(File.Exists(run.PathOf($"report/l/{layer}/i/0/index.html")));
            foreach (string name in RunFolderFixture.Dictionaries)
                Assert.True(File.Exists(run.PathOf($"report/l/{layer}/s/{name}/f/16/index.html")));
        }
        Assert.False(Directory.Exists(run.PathOf("report.partial")));
        string html = await File.ReadAllTextAsync(index, Stop);
        Assert.Contains("What a small CNN has learned", html);
        Assert.Contains("93.2\u00a0%", System.Net.WebUtility.HtmlDecode(html));
        Assert.Contains("striped square", html);
        Assert.DoesNotContain("Not everything could be read", html);
    }

    [Fact]
    public async Task A_splice_is_told_with_its_interval_and_its_yardsticks()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);
        string layer = RunFolderFixture.Layers[0], name = RunFolderFixture.Dictionaries[0];
        foreach (string page in (string[])[index, run.PathOf($"report/l/{layer}/index.html"),
            run.PathOf($"report/l/{layer}/s/{name}/index.html")])
        {
            string text = System.Net.WebUtility.HtmlDecode(await File.ReadAllTextAsync(page, Stop)).Replace('\u00a0', ' ');
            foreach (string said in (string[])["−0.1 to 2.6 %", "98.5 %", "98.7 %", "0.0421", "0.2318", "1.1 %", "5.3×"])
                Assert.Contains(said, text);
        }
    }

    [Fact]
    public async Task The_same_run_gives_the_same_bytes_wherever_and_whenever_it_was_made()
    {
        using RunFolderFixture first = RunFolderFixture.Evidenced(), second = RunFolderFixture.Evidenced();
        second.WriteRun(started: "2027-01-01T00:00:00Z");

        await ReportBuilder.BuildAsync(first.Folder, Stop);
        await ReportBuilder.BuildAsync(second.Folder, Stop);
        string once = Hash(first.PathOf("report"));
        await ReportBuilder.BuildAsync(first.Folder, Stop);

        Assert.Equal(once, Hash(first.PathOf("report")));
        Assert.Equal(once, Hash(second.PathOf("report")));
    }

    [Fact]
    public async Task A_run_that_is_no_folder_gives_the_same_pages()
    {
        RunFolderFixture run = RunFolderFixture.Evidenced();
        string folder = Directory.CreateTempSubdirectory("fovea-report-").FullName;
        try
        {
            // Something that cannot be read is told of alike.
            run.WriteText("model/errors.json", "{");
            string once = Hash(Path.GetDirectoryName(await ReportBuilder.BuildAsync(run.Folder, Stop))!);
            Directory.Delete(run.PathOf("report"), recursive: true);
            var memory = new MemoryRun(run.Folder);
            run.Dispose();

            string index = await ReportBuilder.BuildAsync(memory, Path.Combine(folder, "pages"), cancellationToken: Stop);

            Assert.Equal(once, Hash(Path.Combine(folder, "pages")));
            Assert.Contains("RUN/model/errors.json", await File.ReadAllTextAsync(index, Stop));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_stage_that_the_pages_do_not_know_has_a_section()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string plain = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);
        StageRecord first = StageRecord.Create(
            "notes one", new NoteInputs("a & b", "/home/someone/words.txt", [3, 4])) with
        { Complete = true };
        Directory.CreateDirectory(run.PathOf("notes/one"));
        Directory.CreateDirectory(run.PathOf("notes/two"));
        first.Write(run.PathOf("notes/one"));
        StageRecord.Create("notes two", new NoteInputs("", "", []), new Dictionary<string, string> { ["notes one"] = first.Hash })
            .Write(run.PathOf("notes/two"));

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);
        string section = System.Net.WebUtility.HtmlDecode(html.Split("<section id=\"stage-notes\">")[1].Split("</section>")[0]);

        Assert.Contains("<h2>Notes</h2>", section);
        Assert.Contains("notes one <small>complete</small>", section);
        Assert.Contains("notes two <small>not finished</small>", section);
        foreach (string fact in (string[])["<dt>text</dt><dd>a & b</dd>", "<dt>lines[1]</dt><dd>4</dd>", "<dt>after.notes one</dt>"])
            Assert.Contains(fact, section);
        Assert.DoesNotContain("someone", html);
        Assert.Contains("href=\"index.html#stage-notes\">Notes</a>", html);
        Assert.Contains("not finished: notes two.", html);
        Assert.DoesNotContain("notes", plain);

        // A kind of the list stands where the list has it, under its title.
        await ReportBuilder.BuildAsync(
            new RunFolderReader(run.Folder), run.PathOf("report"), [new StageSection("notes", "Marginal notes"), .. StageSection.All],
                Stop);
        html = await File.ReadAllTextAsync(run.PathOf("report/index.html"), Stop);
        Assert.True(html.IndexOf("<h2>Marginal notes</h2>", StringComparison.Ordinal) < html.IndexOf(
            "<section id=\"model\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sections_stand_in_the_order_of_the_stages_under_their_titles()
    {
        using RunFolderFixture run = RunFolderFixture.Evidenced();

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        string[] titles = [.. Section().Matches(html).Select(match => match.Groups[1].Value)];
        Assert.Equal(
            [.. StageSection.All.Where(kind => kind.Kind is not ("sweep" or "proof")).Select(kind => kind.Title), "Comparisons", "Provenance"], titles);
        Assert.Equal(titles, Navigation().Matches(html).Select(match => match.Groups[1].Value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_link_and_picture_of_every_page_leads_to_a_file_of_the_report(bool evidenced)
    {
        using RunFolderFixture run = evidenced ? RunFolderFixture.Evidenced() : RunFolderFixture.Complete();
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        string report = run.PathOf("report");

        foreach (string page in Directory.EnumerateFiles(report, "*.html", SearchOption.AllDirectories))
        {
            string html = await File.ReadAllTextAsync(page, Stop);
            foreach (Match match in Reference().Matches(html))
            {
                string target = Uri.UnescapeDataString(match.Groups[1].Value.Split('#')[0]);
                if (target.Length == 0 || target.StartsWith("data:", StringComparison.Ordinal)) continue;
                Assert.DoesNotContain("://", target);
                string file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, target));
                Assert.StartsWith(report, file);
                Assert.True(File.Exists(file), $"{page}: {target}");
            }
            foreach (Match image in Image().Matches(html)) Assert.Contains(" alt=\"", image.Value);
            string? own = page.EndsWith("/g/index.html", StringComparison.Ordinal) ? "gallery.js"
                : html.Contains("data-steering", StringComparison.Ordinal) ? "steering.js" : null;
            string up = string.Concat(Enumerable.Repeat("../", Path.GetRelativePath(report, page).Split(Path.DirectorySeparatorChar).Length - 1));
            string[] scripts = ["theme.js\">", "keys.js\" defer>", .. own is null ? (string[])[] : [$"{own}\" defer>"]];
            Assert.Equal(scripts.Select(script => $"<script src=\"{up}assets/{script}"), Script().Matches(html).Select(match => match.Value));
            string[] ids = [.. Id().Matches(html).Select(match => match.Value)];
            Assert.Equal(ids.Length, ids.Distinct().Count());
        }
    }

    [Fact]
    public async Task The_report_carries_no_font_and_its_plots_name_none()
    {
        using RunFolderFixture run = RunFolderFixture.Small();

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);
        string css = await File.ReadAllTextAsync(run.PathOf("report/assets/site.css"), Stop);

        Assert.DoesNotContain("@font-face", css);
        Assert.DoesNotContain("data:", css);
        Assert.Contains("system-ui", css);
        Assert.Equal(
            ["gallery.js", "keys.js", "site.css", "steering.js", "theme.js"],
            Directory.EnumerateFiles(run.PathOf("report/assets"), "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName).Order());
        Assert.DoesNotContain("font-family", html);
        // Whole words, anchored: no letter is placed by a font of this machine.
        MatchCollection texts = PlotText().Matches(html);
        Assert.NotEmpty(texts);
        Assert.All(texts,
            text => Assert.Matches(
                "x=\"[0-9.]+\" y=\"[0-9.]+\" font-size=\"13\" text-anchor=\"(start|middle|end)\">[^<]+$", text.Groups[1].Value));
        Assert.Contains(">epoch</text>", html);
    }

    [Fact]
    public async Task Files_are_named_without_their_folders()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);

        string pages = string.Join(
            '\n', Directory.EnumerateFiles(run.PathOf("report"), "*.html", SearchOption.AllDirectories).Select(File.ReadAllText));
        string chips = string.Join('\n', Chip().Matches(pages).Select(match => match.Value));

        Assert.Contains("classes</span> classes.tsv<", chips);
        Assert.Contains("weights</span> small.safetensors<", chips);
        Assert.Contains("compare</span> a cat.jpg, dog.png<", chips);
        Assert.DoesNotContain("someone", pages);
        Assert.DoesNotContain(run.Folder, pages);
        Assert.True(File.Exists(index));
    }

    [Fact]
    public async Task The_first_page_shows_latents_and_neurons_only_where_there_are_none()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);
        Directory.Delete(run.PathOf("dictionaries"), recursive: true);
        string without = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        Assert.DoesNotContain("neurons", Mosaic().Match(html).Value);
        Assert.Contains("href=\"l/block3/s/", Mosaic().Match(html).Value);
        Assert.Contains("neurons", Mosaic().Match(without).Value);
    }

    [Fact]
    public async Task Curves_are_dashed_where_their_legend_is()
    {
        using RunFolderFixture run = RunFolderFixture.Small();

        string html = await File.ReadAllTextAsync(await ReportBuilder.BuildAsync(run.Folder, Stop), Stop);

        int legends = LegendDash().Count(html), curves = CurveDash().Count(html);
        Assert.NotEqual(0, legends);
        Assert.Equal(legends, curves);
    }

    [Fact]
    public async Task The_absence_of_a_filter_is_in_the_table_and_its_absence_from_the_matrices_explained()
    {
        using RunFolderFixture run = RunFolderFixture.Small();

        await ReportBuilder.BuildAsync(run.Folder, Stop);
        string html = await File.ReadAllTextAsync(run.PathOf("report/l/block3/index.html"), Stop);

        Assert.Contains("<th scope=\"row\">none</th><td class=\"num\">0</td>", html);
        string[] matrices = [.. Matrix().Matches(html).Select(match => match.Value)];
        Assert.Equal(2, matrices.Length);
        Assert.All(matrices, matrix => Assert.DoesNotContain(">none<", matrix));
        Assert.All(matrices, matrix => Assert.Contains("<th scope=\"row\">magnitude</th>", matrix));
        Assert.Contains("The filter none is missing", html);
    }

    private static string Hash(string folder)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            sha.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file)));
            sha.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexString(sha.GetHashAndReset());
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("<script[^>]*>")]
    private static partial Regex Script();

    private sealed record NoteInputs(string Text, string File, IReadOnlyList<int> Lines) : StageInputs(1, 0);

    [GeneratedRegex("<img [^>]*>")]
    private static partial Regex Image();

    [GeneratedRegex("<text ([^<]*)</text>")]
    private static partial Regex PlotText();

    [GeneratedRegex("<span class=\"setting\">.*?</span>[^<]*</span>")]
    private static partial Regex Chip();

    [GeneratedRegex("<ul class=\"mosaic\".*?</ul>", RegexOptions.Singleline)]
    private static partial Regex Mosaic();

    [GeneratedRegex("<line [^>]*stroke-dasharray=\"5 3\"")]
    private static partial Regex LegendDash();

    [GeneratedRegex("<path [^>]*style=\"stroke:var\\(--series-[0-9]\\);stroke-dasharray:[^>]*>")]
    private static partial Regex CurveDash();

    [GeneratedRegex("<div class=\"matrix\">.*?</table>", RegexOptions.Singleline)]
    private static partial Regex Matrix();

    [GeneratedRegex("<section id=\"[^\"]*\">\\s*<h2>([^<]*)</h2>")]
    private static partial Regex Section();

    [GeneratedRegex("href=\"index.html#[^\"]*\">([^<]*)</a>")]
    private static partial Regex Navigation();

    [GeneratedRegex(" id=\"[^\"]*\"")]
    private static partial Regex Id();
}
