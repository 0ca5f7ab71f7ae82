using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Fovea.Explorer.Tests.Server;
using Fovea.Runs;
using Xunit;

namespace Fovea.Explorer.Tests.Compare;

public sealed class ComparePageTests
{
    private const string Layer = "block3";

    [Fact]
    public async Task Two_dictionaries_stand_side_by_side_with_what_only_one_has()
    {
        await using ServedRun served = await ServedRun.StartAsync(TwoDictionaries());

        JsonElement answer = await ApiAsync(served, "/api/compare?a=l/block3/s/topk&b=l/block3/s/l1&below=0.8");

        Assert.Equal(1, answer.GetProperty("schema").GetInt32());
        Assert.Equal(("decoder", "one-to-one"), (answer.GetProperty("by").GetString(), answer.GetProperty("matching").GetString()));
        // The second has the first's directions backwards, its last twenty opposite.
        Assert.Equal((192, 192), (answer.GetProperty("unitsA").GetInt32(), answer.GetProperty("pairs").GetInt32()));
        JsonElement first = answer.GetProperty("units")[0];
        Assert.Equal(191, first.GetProperty("a").GetInt32() + first.GetProperty("b").GetInt32());
        Assert.Equal(1, first.GetProperty("cosine").GetDouble(), 5);
        Assert.Equal(20, answer.GetProperty("onlyA").GetInt32());
        Assert.Equal(8, answer.GetProperty("pages").GetInt32());

        string page = await served.PageAsync("/compare?a=l/block3/s/topk&b=l/block3/s/l1&show=a&below=0.8");
        Assert.Contains("Only in the first 20", page);
        Assert.Contains("Hungarian", page);
        Assert.Contains("href=\"/compare?a=l/block3/s/topk&amp;b=l/block3/s/l1&amp;sort=apart", await served.PageAsync("/compare"));
    }

    [Fact]
    public async Task The_bound_and_the_order_of_the_address_are_obeyed_and_a_page_beyond_the_last_is_the_last()
    {
        await using ServedRun served = await ServedRun.StartAsync(TwoDictionaries());

        JsonElement answer = await ApiAsync(served, "/api/compare?a=l/block3/s/topk&b=l/block3/s/l1&below=-1&sort=unit&page=99");

        Assert.Equal(0, answer.GetProperty("onlyA").GetInt32());
        Assert.Equal((8, 24), (answer.GetProperty("page").GetInt32(), answer.GetProperty("units").GetArrayLength()));
        Assert.Equal(191, answer.GetProperty("units")[23].GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task Two_layers_are_compared_by_classes_and_their_directions_are_not()
    {
        RunFolderFixture run = TwoDictionaries();
        run.WriteActivations("other", 7);
        run.WriteDictionary("other", "topk");
        run.WriteFeatures("other", "topk", RunFolderFixture.Latents);
        Profiles(run, Layer, "topk", unit => unit);
        Profiles(run, "other", "topk", unit => unit + 1);
        await using ServedRun served = await ServedRun.StartAsync(run);

        JsonElement answer = await ApiAsync(served, "/api/compare?a=l/block3/s/topk&b=l/other/s/topk");

        Assert.Equal("classes", answer.GetProperty("by").GetString());
        Assert.Equal(1, answer.GetProperty("meanMaximumCosine").GetDouble(), 5);
        JsonElement pair = answer.GetProperty("units")[0];
        // A profile comes back every 24 units.
        Assert.Equal(pair.GetProperty("a").GetInt32() % 24, (pair.GetProperty("b").GetInt32() + 1) % 24);
        Answer refused = await served.GetAsync("/api/compare?a=l/block3/s/topk&b=l/other/s/topk&by=decoder");
        Assert.Equal(422, refused.Status);
        Assert.Contains("different spaces", refused.Text);
    }

    [Fact]
    public async Task A_second_run_is_read_beside_the_first_by_classes_and_shows_its_own_pictures()
    {
        using RunFolderFixture other = RunFolderFixture.Evidenced();
        RunFolderFixture run = RunFolderFixture.Evidenced();
        await using ServedRun served = await ServedRun.StartAsync(run, options => options with { With = other.Folder });

        JsonElement answer = await ApiAsync(served, "/api/compare?a=l/block3/s/topk&b=with/l/block3/s/topk");

        Assert.Equal("classes", answer.GetProperty("by").GetString());
        Assert.Equal(1, answer.GetProperty("matchedCosine").GetDouble(), 5);
        string page = await served.PageAsync("/compare?a=l/block3/s/topk&b=with/l/block3/s/topk");
        string picture = System.Text.RegularExpressions.Regex.Match(page, "src=\"(/with/media/[^\"]+)\"").Groups[1].Value;
        Assert.Equal("image/png", (await served.GetAsync(picture)).Header("Content-Type"));
        Assert.Equal(404, (await served.GetAsync("/with/media/recipe.toml")).Status);
        Answer refused = await served.GetAsync("/api/compare?a=l/block3/s/topk&b=with/l/block3/s/topk&by=decoder");
        Assert.Equal(422, refused.Status);
        Assert.Contains("same network", refused.Text);
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        await using ServedRun served = await ServedRun.StartAsync(RunFolderFixture.Small());

        Assert.Equal(400, (await served.GetAsync("/api/compare?a=l/block3/s/topk")).Status);
        Assert.Equal(400, (await served.GetAsync("/api/compare?a=../etc&b=l/block3")).Status);
        Assert.Equal(404, (await served.GetAsync("/compare?a=l/block3/s/none&b=l/block3")).Status);
        Assert.Equal(404, (await served.GetAsync("/api/compare?a=l/block3/s/topk&b=with/l/block3/s/topk")).Status);
        // No decoder lies in this made-up run.
        Assert.Contains("has no decoder", await served.PageAsync("/compare?a=l/block3/s/topk&b=l/block3"));
        Assert.Contains("href=\"/compare?a=l/block3/s/topk&amp;b=l/block3\"", await served.PageAsync("/l/block3/s/topk"));
    }

    private static async Task<JsonElement> ApiAsync(ServedRun served, string path)
    {
        Answer answer = await served.GetAsync(path);
        Assert.True(answer.Status == 200, answer.Text);
        return JsonDocument.Parse(answer.Body).RootElement;
    }

    private static RunFolderFixture TwoDictionaries()
    {
        RunFolderFixture run = RunFolderFixture.Small();
        run.WriteDictionary(Layer, "l1");
        run.WriteFeatures(Layer, "l1", RunFolderFixture.Latents);
        var random = new Random(1);
        float[][] rows = [.. Enumerable.Range(0, RunFolderFixture.Latents)
            .Select(_ => Enumerable.Range(0, RunFolderFixture.Neurons).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];
        Decoder(run, "topk", rows);
        Decoder(run, "l1", [.. rows.Select((row, i) => i < 20 ? [.. row.Select(value => -value)] : row).Reverse()]);
        return run;
    }

    private static void Decoder(RunFolderFixture run, string name, float[][] rows) => Safetensors.Write(
        Path.Combine(new RunFolder(run.Folder).Dictionary(Layer, name), AutoencoderFile.WeightsName),
        [SafetensorsEntry.Of(SparseAutoencoder.DecoderWeightName, rows.SelectMany(row => row).ToArray(), rows.Length, rows[0].Length)]);

    private static void Profiles(RunFolderFixture run, string layer, string source, Func<int, int> classOf) => Safetensors.Write(
        run.PathOf($"{RunLayout.Units(layer, source)}/{EvidenceTensors.FileName}"),
        [
            SafetensorsEntry.Of(EvidenceTensors.ClassMeans,
                Enumerable.Range(0, RunFolderFixture.Latents).SelectMany(unit => Enumerable.Range(0, RunFolderFixture.Classes)
                    .Select(label => label == classOf(unit) % RunFolderFixture.Classes ? 1.5f : 0.01f)).ToArray(),
                RunFolderFixture.Latents, RunFolderFixture.Classes),
        ]);
}
