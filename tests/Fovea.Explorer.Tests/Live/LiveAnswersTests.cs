using System.Text.Json.Nodes;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Explorer.Tests.Live;

/// <summary>Numbers under <c>/api/x</c> beside passes of the network as it lies in the run folder.</summary>
public sealed class LiveAnswersTests(LiveAnswersTests.Shared shared) : IClassFixture<LiveAnswersTests.Shared>
{
    private LiveRun Live => shared.Live;

    [Fact]
    public async Task An_own_image_is_answered_as_the_network_answers()
    {
        string id = await Live.BringAsync(StudiedRun.Png(3));
        JsonNode answer = await Live.JsonAsync($"/api/x/{id}");
        float[] logits = Plain(3, null, null);
        double sum = logits.Sum(logit => Math.Exp(logit));
        JsonArray predictions = answer["predictions"]!.AsArray();
        Assert.Equal(5, predictions.Count);
        Assert.Equal(Enumerable.Range(0, 5).OrderByDescending(i => logits[i]), predictions.Select(one => one!["class"]!.GetValue<int>()));
        foreach (JsonNode? one in predictions)
        {
            int label = one!["class"]!.GetValue<int>();
            Assert.Equal(logits[label], one["logit"]!.GetValue<double>(), 1e-4);
            Assert.Equal(Math.Exp(logits[label]) / sum, one["probability"]!.GetValue<double>(), 1e-5);
            Assert.Equal(StudiedRun.Classes[label], one["name"]!.GetValue<string>());
        }
        // The same file is the same image, whatever it is called.
        Assert.Equal(id, await Live.BringAsync(StudiedRun.Png(3), "other.png"));
    }

    [Theory]
    [InlineData("on run-3", "")]
    [InlineData("ON 3", "")]
    [InlineData("on image 3", "")]
    [InlineData("on this", "/x/run-3")]
    public async Task The_units_that_fire_on_an_image_are_found(string query, string from)
    {
        JsonNode expected = await Live.JsonAsync("/api/x/run-3/units?layer=block4&source=topk&most=40");
        JsonNode found = await Live.JsonAsync($"/api/search?q={Uri.EscapeDataString(query)}&from={Uri.EscapeDataString(from)}");
        Assert.Equal(
            expected["ranked"]!.AsArray().Select(one => $"Latent {(int)one!["unit"]!}"), found["hits"]!.AsArray().Select(hit => (string)hit!["title"]!));
        string address = (string)found["hits"]![0]!["address"]!;
        Assert.Equal($"/x/run-3?layer=block4&source=topk&unit={(int)expected["ranked"]![0]!["unit"]!}", address);
        Assert.Equal(200, (await Live.GetAsync(address)).Status);
        Assert.Empty((await Live.JsonAsync("/api/search?q=on%20nothing%20here"))["hits"]!.AsArray());
    }

    [Theory]
    [InlineData("12:0", "kept", 12, 0.0, null, null)]
    [InlineData("12:2.5", "kept", 12, 2.5, null, null)]
    [InlineData("12:set1.5", "kept", 12, null, 1.5, null)]
    [InlineData("12:set2max", "kept", 12, null, 2 * StudiedRun.Max, null)]
    [InlineData("12:add0.5p999", "kept", 12, null, null, 1.0)]
    [InlineData("12:3", "dropped", 12, 3.0, null, null)]
    [InlineData("12:3@1.2@0.0", "kept", 12, 3.0, null, null)]
    public async Task A_change_is_answered_as_a_whole_pass_answers(
        string steer, string error, int unit, double? scale, double? set, double? add)
    {
        string id = await Live.BringAsync(StudiedRun.Png(4));
        (int, int)[]? some = steer.Contains('@', StringComparison.Ordinal) ? [(1, 2), (0, 0)] : null;
        JsonNode found = await Live.JsonAsync(
            $"/api/x/{id}/steer?layer=block3&source=topk&steer={Uri.EscapeDataString(steer)}&error={error}");
        float[] expected = Plain(4, some, (value, latent) => latent != unit ? value
            : scale is { } factor ? value * factor : set ?? value + add!.Value, error == "dropped");
        Check(expected, Plain(4, null, null), found);

        // The same as a list of JSON.
        string entry = $"{{\"unit\": {unit}, {(scale is not null ? $"\"scale\": {scale}" : set is not null ? $"\"set\": {set}" : $"\"add\": {add}")}"
            + $"{(some is null ? "" : ", \"positions\": [[1, 2], [0, 0]]")}}}";
        var (status, text, _) = await Live.SendAsync(
            HttpMethod.Post, $"/api/x/{id}/steer?layer=block3&source=topk&error={error}", LiveRun.Json($"[{entry}]"));
        Assert.True(status == 200, text);
        Check(expected, Plain(4, null, null), JsonNode.Parse(text)!);
    }

    [Fact]
    public async Task No_change_changes_nothing_and_units_add_up_to_the_logit()
    {
        string id = await Live.BringAsync(StudiedRun.Png(5));
        float[] plain = Plain(5, null, null);
        Check(plain, plain, await Live.JsonAsync($"/api/x/{id}/steer?layer=block3&source=topk&steer=1:1,2:1"));
        for (int label = 0; label < 5; label++)
        {
            JsonNode units = await Live.JsonAsync($"/api/x/{id}/units?layer=block4&source=topk&class={label}&most=7&by=share");
            JsonNode sum = units["logit"]!;
            double shown = units["ranked"]!.AsArray().Sum(one => one!["share"]!.GetValue<double>());
            Assert.Equal(7, units["ranked"]!.AsArray().Count);
            Assert.Equal(shown, sum["shown"]!.GetValue<double>(), 1e-6);
            Assert.Equal(plain[label], shown + sum["others"]!.GetValue<double>() + sum["error"]!.GetValue<double>()
                + sum["constant"]!.GetValue<double>(), 1e-4);
        }
        Assert.Null((await Live.JsonAsync($"/api/x/{id}/units?layer=block3&source=topk"))["logit"]);
    }

    [Fact]
    public async Task Maps_positions_and_both_sides_are_the_units_values()
    {
        string id = await Live.BringAsync(StudiedRun.Png(6));
        using ImageModel model = ModelFile.Load(Path.Combine(Live.Folder, "model"));
        using SparseAutoencoder dictionary = AutoencoderFile.Load(Path.Combine(Live.Folder, "dictionaries", "block3", "topk"));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor codes = dictionary.EncodeMap(model.Forward(StudiedRun.Pixels(StudiedRun.Picture(6)), new Probe("block3"))["block3"])[0];
        var (height, width) = ((int)codes.shape[1], (int)codes.shape[2]);
        JsonNode grid = await Live.JsonAsync($"/api/x/{id}/grid?layer=block3&source=topk&most=3");
        Assert.Equal((height, width), (grid["rows"]!.GetValue<int>(), grid["columns"]!.GetValue<int>()));
        for (int p = 0; p < height * width; p++)
        {
            float[] here = codes[.., p / width, p % width].contiguous().data<float>().ToArray();
            int[] best = [.. Enumerable.Range(0, here.Length).Where(i => here[i] != 0).OrderByDescending(i => Math.Abs(here[i])).Take(3)];
            Assert.Equal(best, grid["cells"]![p]!.AsArray().Select(one => one!["unit"]!.GetValue<int>()));
        }
        double[] sums = [.. codes.abs().sum([1L, 2L]).data<float>().Select(value => (double)value)];
        int most = Array.IndexOf(sums, sums.Max());
        JsonNode compared = await Live.JsonAsync($"/api/x/{id}/compare?layer=block3&source=topk");
        Assert.Equal(most, compared["latents"]!["top"]![0]!["unit"]!.GetValue<int>());
        Assert.Equal(sums.Count(sum => sum > 0), compared["latents"]!["active"]!.GetValue<int>());
        Assert.Equal("neurons", compared["neurons"]!["source"]!.GetValue<string>());
        JsonNode heat = await Live.JsonAsync($"/api/x/{id}/heat?layer=block3&source=topk&unit={most}");
        float[] map = codes[most].contiguous().data<float>().ToArray();
        for (int p = 0; p < map.Length; p++) Assert.Equal(map[p], heat["values"]![p]!.GetValue<float>(), 1e-5);
        var (status, _, message) = await Live.GetAsync($"/api/x/{id}/heat.png?layer=block3&source=topk&unit={most}");
        Assert.Equal(200, status);
        RgbImage picture = ImageCodec.Decode(await message.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), "heat");
        Assert.Equal((StudiedRun.Side, StudiedRun.Side), (picture.Width, picture.Height));
    }

    [Fact]
    public async Task Images_of_the_run_are_there_by_number()
    {
        JsonNode answer = await Live.JsonAsync("/api/x/run-7");
        Assert.Equal(("val/00007", StudiedRun.Classes[2]), (answer["name"]!.GetValue<string>(), answer["className"]!.GetValue<string>()));
        Assert.Equal(20, (await Live.JsonAsync("/api/x"))["ofRun"]!.GetValue<int>());
        foreach (string none in new[] { "run-20", "run--1", "run-07", "run-", "no-such", "..%2F..%2Fetc%2Fpasswd", "run-99999999999" })
            Assert.Equal(404, (await Live.GetAsync($"/api/x/{none}")).Status);
    }

    [Fact]
    public async Task Many_tabs_at_once_get_what_one_alone_gets()
    {
        string[] ids = [await Live.BringAsync(StudiedRun.Png(8)), await Live.BringAsync(StudiedRun.Png(9))];
        string Path(int i) => $"/api/x/{ids[i % 2]}/steer?layer={StudiedRun.Layers[i % 2]}&source=topk&steer={i % 7}:{i % 5},3:0";
        JsonNode[] alone = new JsonNode[70];
        for (int i = 0; i < alone.Length; i++) alone[i] = (await Live.JsonAsync(Path(i)))["classes"]!;
        JsonNode[] together = await Task.WhenAll(Enumerable.Range(0, 70).Select(i => Live.JsonAsync(Path(i))));
        for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i].ToJsonString(), together[i]["classes"]!.ToJsonString());
    }

    private static void Check(float[] expected, float[] plain, JsonNode found)
    {
        JsonArray classes = found["classes"]!.AsArray();
        Assert.Equal(5, classes.Count);
        foreach (JsonNode? one in classes)
        {
            int label = one!["class"]!.GetValue<int>();
            Assert.Equal(expected[label], one["logitAfter"]!.GetValue<double>(), 1e-4);
            Assert.Equal(plain[label], one["logitBefore"]!.GetValue<double>(), 1e-4);
            Assert.Equal(Math.Exp(expected[label]) / expected.Sum(logit => Math.Exp(logit)), one["after"]!.GetValue<double>(), 1e-4);
        }
    }

    /// <summary>The logits of a whole pass, in which a loop over positions changes <c>block3</c>'s codes.</summary>
    private float[] Plain(int picture, (int, int)[]? positions, Func<double, int, double>? edit, bool dropped = false)
    {
        using ImageModel model = ModelFile.Load(Path.Combine(Live.Folder, "model"));
        using SparseAutoencoder dictionary = AutoencoderFile.Load(Path.Combine(Live.Folder, "dictionaries", "block3", "topk"));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor input = StudiedRun.Pixels(StudiedRun.Picture(picture));
        if (edit is null) return model.Forward(input).data<float>().ToArray();
        return model.Forward(input, new Probe { Output = true }.With("block3", output =>
        {
            Tensor changed = output.clone().contiguous();
            for (int y = 0; y < output.shape[2]; y++)
            {
                for (int x = 0; x < output.shape[3]; x++)
                {
                    Tensor vector = output[0, .., y, x].reshape(1, -1), codes = dictionary.EncodeDense(vector);
                    Tensor edited = codes.clone();
                    if (positions is null || positions.Contains((y, x)))
                    {
                        for (int i = 0; i < StudiedRun.Latents; i++) edited[0, i] = edit(codes[0, i].item<float>(), i);
                    }
                    Tensor made = dictionary.DecodeDense(edited);
                    changed[0, .., y, x] = (dropped ? made : vector + made - dictionary.DecodeDense(codes))[0];
                }
            }
            return changed;
        })).Logits.data<float>().ToArray();
    }

    /// <summary>One server for the tests of this class.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        public LiveRun Live { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Live = await LiveRun.StartAsync();

        public ValueTask DisposeAsync() => Live.DisposeAsync();
    }
}
