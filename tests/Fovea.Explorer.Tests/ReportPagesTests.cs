using System.Text.Json.Nodes;
using Fovea.Imaging;
using Fovea.IO;
using Fovea.Runs;
using Xunit;

namespace Fovea.Explorer.Tests;

/// <summary>What stands where on a page, and what is said of it.</summary>
public sealed class ReportPagesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dictionary_s_page_begins_with_its_features_and_says_its_settings_once()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string page = await PageAsync(run, "l/block3/s/topk");
        int[] places = [.. ((string[])["latents", "measurements", "training", "configuration"])
            .Select(id => page.IndexOf($"<section id=\"{id}\"", StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.Equal(0, Count(page, "[[dictionary]]"));
        Assert.Equal(1, Count(page, "<dt>training.learningRate</dt>"));
        Assert.Equal(1, Count(page, "[features]"));

        // The file has several settings up to four times: for other programs, as the weights are, and as training was asked for.
        Rewrite(new JsonObject { ["architecture"] = "topk", ["sparsity"] = 16, ["secondWeight"] = 0.125 },
            new JsonObject { ["architecture"] = "topk", ["sparsity"] = 16, ["secondWeight"] = 0.25 });
        page = await PageAsync(run, "l/block3/s/topk");
        string facts = page.Split("<section id=\"configuration\">")[1].Split("</section>")[0];
        Assert.Equal(1, Count(facts, "<dd>topk</dd>"));
        Assert.Equal(1, Count(facts, "<dd>16</dd>"));
        Assert.Equal(1, Count(facts, $"<dd>{RunFolderFixture.Latents}</dd>"));
        // What training was asked for beside what it came to.
        Assert.Contains("<dt>settings.secondWeight</dt><dd>0.125</dd>", facts);
        Assert.Contains("<dt>training.variant.secondWeight</dt><dd>0.25</dd>", facts);

        // Where nothing but the recipe says them, that does.
        File.Delete(run.PathOf(RunLayout.Configuration("block3", "topk")));
        page = await PageAsync(run, "l/block3/s/topk");
        Assert.Equal(1, Count(page, "[[dictionary]]"));

        void Rewrite(JsonObject settings, JsonObject variant)
        {
            string path = run.PathOf(RunLayout.Configuration("block3", "topk"));
            SaeConfiguration file = JsonFile.Read<SaeConfiguration>(path);
            file.Fovea!.Training!["variant"] = variant;
            file.Fovea.Training["latentSize"] = RunFolderFixture.Latents;
            JsonFile.Write(path, file with { Fovea = file.Fovea with { Settings = settings } });
        }
    }

    [Fact]
    public async Task A_layer_says_what_it_was_harvested_with_once_and_why_maps_are_empty()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        string page = await PageAsync(run, "l/block3");
        Assert.Equal(1, Count(page, "[harvest]"));
        Assert.Equal(1, Count(page, "[[dictionary]]"));
        Assert.Contains("Median is the middle one of a position's values", page);
        FilterReport report = DocumentFile.Read<FilterReport>(run.PathOf(RunLayout.Filters("block3")));
        DocumentFile.Write(run.PathOf(RunLayout.Filters("block3")), report with
        {
            Filters = [.. report.Filters.Select(filter => filter with { AllZero = 0, AllZeroFraction = 0 })],
        });
        SamplesDocument samples = DocumentFile.Read<SamplesDocument>(run.PathOf(RunLayout.Samples("block3")));
        float?[][] nothing = [.. Enumerable.Range(0, 8).Select(_ => new float?[8].Select(_ => (float?)0).ToArray())];
        DocumentFile.Write(run.PathOf(RunLayout.Samples("block3")), new SamplesDocument(
            [samples.Samples[0] with { Maps = new Dictionary<string, float?[][]>(samples.Samples[0].Maps) { ["median"] = nothing } }]));
        page = await PageAsync(run, "l/block3");
        Assert.DoesNotContain("Median is the middle one", page);
        Assert.Equal(1, Count(page, "median: 0 everywhere"));
        Assert.Equal(1, Count(page, ": 0 everywhere"));
    }

    [Fact]
    public async Task Training_is_measured_on_augmented_images_where_the_recipe_augments()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();
        Assert.Contains("training is measured on augmented images while the weights move, validation on plain ones.", await PageAsync(run, ""));
        string recipe = File.ReadAllText(run.PathOf(RunLayout.Recipe));
        run.WriteText(RunLayout.Recipe, recipe.Replace("augment = true", "augment = false", StringComparison.Ordinal));
        Assert.Contains("training is measured while the weights move, validation after that.", await PageAsync(run, ""));
    }

    [Fact]
    public async Task The_engine_that_read_the_network_is_named_with_the_network_and_where_it_all_comes_from()
    {
        using RunFolderFixture run = RunFolderFixture.Complete();
        Assert.DoesNotContain("Read by", await PageAsync(run, ""));
        string[] layers = RunFolderFixture.Layers;
        Read(layers[0], "onnxruntime 1.31.1", null);
        Read(layers[1], "torch 2.10.0", "gradients are asked for");
        string page = await PageAsync(run, "");
        string said = $"{layers[0]} by ONNX Runtime 1.31.1; {layers[1]} by libtorch 2.10.0 (gradients are asked for)";
        Assert.Contains($"Read by: {said}.", page.Split("<section id=\"model\">")[1].Split("</section>")[0]);
        Assert.Contains($"<dt>Network read</dt><dd>{said}</dd>", page.Split("<section id=\"provenance\">")[1]);

        void Read(string layer, string engine, string? reason)
        {
            string path = run.PathOf(RunLayout.Manifest(layer));
            DocumentFile.Write(path, DocumentFile.Read<ActivationManifest>(path) with { Engine = engine, EngineReason = reason });
        }
    }

    [Fact]
    public async Task Pictures_that_were_asked_for_stand_on_their_unit_s_page()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        Assert.False(File.Exists(run.PathOf("report/l/block3/s/topk/f/7/index.html")));
        Ask(run, "topk", "paper-7", 7);
        Ask(run, "topk", "paper-decoder-7-r2", 7, replica: 1);
        Ask(run, "topk", "maco-0", 0, "maco");
        Ask(run, "topk", "paper-3+17", 3);
        Ask(run, "logits", "paper-zebra", 5);

        string page = await PageAsync(run, "l/block3/s/topk/f/7");
        Assert.Contains("paper, asked for", page);
        Assert.Contains("paper, decoder 2, asked for", page);
        Assert.Contains("maximised for 7", page);
        // Its own picture comes first; the one asked for stands beside it.
        page = await File.ReadAllTextAsync(run.PathOf("report/l/block3/s/topk/f/0/index.html"), Stop);
        Assert.True(page.IndexOf("preset paper\"", StringComparison.Ordinal) < page.IndexOf("preset maco, asked for\"", StringComparison.Ordinal));
        Assert.True(File.Exists(run.PathOf("report/media/pictures/block3/topk/maco-0.png")));
        // Sums and logits are no unit's.
        Assert.False(File.Exists(run.PathOf("report/l/block3/s/topk/f/3/index.html")));
        string layer = await File.ReadAllTextAsync(run.PathOf("report/l/block3/index.html"), Stop);
        string asked = layer.Split("<section id=\"asked\">")[1].Split("</section>")[0];
        Assert.Contains("paper-3+17", System.Net.WebUtility.HtmlDecode(asked));
        Assert.Contains("paper-zebra", asked);
        Assert.Equal(2, Count(asked, "<img"));
    }

    [Fact]
    public async Task A_picture_asked_for_that_cannot_be_read_is_told_of_and_the_others_are_shown()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        Ask(run, "topk", "paper-7", 7);
        Ask(run, "topk", "paper-8", 8);
        Ask(run, "topk", "paper-9", 9);
        run.WriteText("pictures/block3/topk/paper-8.json", "{");
        run.WriteText("pictures/block3/topk/paper-9.png", "no picture");
        string home = await PageAsync(run, "");
        Assert.Contains("RUN/pictures/block3/topk/paper-8.json", home);
        Assert.Contains("RUN/pictures/block3/topk/paper-9.png", home);
        Assert.True(File.Exists(run.PathOf("report/l/block3/s/topk/f/7/index.html")));
        Assert.False(File.Exists(run.PathOf("report/l/block3/s/topk/f/8/index.html")));
        Assert.False(File.Exists(run.PathOf("report/l/block3/s/topk/f/9/index.html")));
    }

    [Fact]
    public async Task A_run_whose_names_lead_elsewhere_has_no_page_there()
    {
        using RunFolderFixture run = RunFolderFixture.Small();
        var memory = new MemoryRun(run.Folder) { Layers = ["block3", "../../elsewhere"] };
        string folder = run.PathOf("in/the/report");
        var error = await Assert.ThrowsAsync<FoveaException>(() => ReportBuilder.BuildAsync(memory, folder, cancellationToken: Stop));
        Assert.Contains("cannot name part of a path", error.Message);
        Assert.False(Directory.Exists(run.PathOf("in/elsewhere")));
        // On a disk such a folder is no layer.
        Directory.CreateDirectory(run.PathOf("activations/.hidden"));
        Assert.Equal(["block3"], new RunFolderReader(run.Folder).Layers);
    }

    private static void Ask(RunFolderFixture run, string source, string name, int unit, string preset = "paper", int replica = 0)
    {
        string path = run.PathOf($"pictures/block3/{source}/{name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".png", ImageCodec.EncodePng(new RgbImage(8, 8, new byte[8 * 8 * 3])));
        DocumentFile.Write(path + ".json", new PictureRecord
        {
            Unit = unit,
            Replica = replica,
            Layer = "block3",
            Source = source,
            Preset = preset,
            Objective = $"maximised for {unit}",
            Parameterization = "pixels",
            Transforms = [],
            Steps = 3,
            LearningRate = 1,
            TotalVariation = 0,
            Blur = 0,
            Seed = 7,
            Activation = 3,
            Peak = 4,
            Curve = [1, 2, 3],
            Size = 8,
            BatchSize = 1,
        });
    }

    private static async Task<string> PageAsync(RunFolderFixture run, string address)
    {
        await ReportBuilder.BuildAsync(run.Folder, Stop);
        string html = await File.ReadAllTextAsync(run.PathOf($"report/{address}/index.html"), Stop);
        return System.Net.WebUtility.HtmlDecode(html).Replace('\u00a0', ' ');
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
