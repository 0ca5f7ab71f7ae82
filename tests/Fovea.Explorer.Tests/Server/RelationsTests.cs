using System.Text.Json.Nodes;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Sparse;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Explorer.Tests.Server;

/// <summary>Units near a unit, on a run whose decoder is known.</summary>
public sealed class RelationsTests : IAsyncLifetime
{
    private const string Unit = "l/block3/s/topk/f/0";

    private ServedRun _run = null!;

    public async ValueTask InitializeAsync()
    {
        RunFolderFixture run = RunFolderFixture.Evidenced();
        using (var scope = NewDisposeScope())
        {
            Tensor decoder = eye(RunFolderFixture.Neurons).repeat([4, 1]);
            decoder[0] = zeros(RunFolderFixture.Neurons);
            decoder[0, 5] = 3;
            decoder[0, 6] = -4;
            decoder[48] = decoder[0] * 2;
            Safetensors.Write(run.PathOf("dictionaries/block3/topk/" + AutoencoderFile.WeightsName),
                new Dictionary<string, Tensor> { [SparseAutoencoder.DecoderWeightName] = decoder });
        }
        _run = await ServedRun.StartAsync(run);
    }

    public ValueTask DisposeAsync() => _run.DisposeAsync();

    [Fact]
    public async Task The_nearest_by_direction_and_what_it_is_made_of()
    {
        JsonNode near = JsonNode.Parse((await _run.GetAsync("/api/near/" + Unit)).Text)!;
        Assert.Equal((48, 1.0), ((int)near["byDirection"]![0]!["unit"]!, Math.Round((double)near["byDirection"]![0]!["cosine"]!, 6)));
        Assert.Equal([(6, -0.8), (5, 0.6)], near["channels"]!.AsArray().Select(one => ((int)one!["channel"]!, Math.Round((double)one["weight"]!, 6))));
        JsonNode neuron = Assert.Single(near["elsewhere"]!.AsArray())!;
        Assert.Equal(("neurons", 5, 0.6), ((string)neuron["source"]!, (int)neuron["unit"]!, Math.Round((double)neuron["cosine"]!, 6)));
        Assert.Null(near["together"]);

        string page = await _run.PageAsync("/" + Unit);
        Assert.Contains("cosine of decoder rows", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/l/block3/s/topk/f/48\"", page, StringComparison.Ordinal);
        Assert.Equal(200, (await _run.GetAsync("/near/" + Unit)).Status);
        Answer like = await _run.GetAsync("/api/search?q=like%20topk%200");
        Assert.Equal("/l/block3/s/topk/f/48", (string)JsonNode.Parse(like.Text)!["hits"]![0]!["address"]!);
    }

    [Fact]
    public async Task A_dictionary_that_is_written_anew_has_other_near_units_at_once()
    {
        JsonNode before = JsonNode.Parse((await _run.GetAsync("/api/near/" + Unit)).Text)!;
        Assert.Equal(48, (int)before["byDirection"]![0]!["unit"]!);
        using (var scope = NewDisposeScope())
        {
            Tensor decoder = eye(RunFolderFixture.Neurons).repeat([4, 1]);
            decoder[77] = decoder[0] * 3;
            decoder[96] = zeros(RunFolderFixture.Neurons);
            decoder[144] = zeros(RunFolderFixture.Neurons);
            decoder[48] = zeros(RunFolderFixture.Neurons);
            Safetensors.Write(_run.Run.PathOf("dictionaries/block3/topk/" + AutoencoderFile.WeightsName),
                new Dictionary<string, Tensor> { [SparseAutoencoder.DecoderWeightName] = decoder });
        }
        JsonNode after = JsonNode.Parse((await _run.GetAsync("/api/near/" + Unit)).Text)!;
        Assert.Equal(77, (int)after["byDirection"]![0]!["unit"]!);
    }

    [Fact]
    public async Task A_damaged_dictionary_leaves_the_rest_of_the_page()
    {
        _run.Run.WriteText("dictionaries/block3/topk/" + AutoencoderFile.WeightsName, "damaged");
        Assert.DoesNotContain("cosine of decoder rows", await _run.PageAsync("/" + Unit), StringComparison.Ordinal);
        Assert.Equal(422, (await _run.GetAsync("/api/near/" + Unit)).Status);
    }

    [Theory]
    [InlineData("/near/l/block3/s/topk/f/99999")]
    [InlineData("/near/l/block3/s/none/f/0")]
    [InlineData("/near/l/block3")]
    [InlineData("/near/")]
    [InlineData("/near/..%2f")]
    public async Task What_is_no_unit_is_not_there(string path)
    {
        Assert.Equal(404, (await _run.GetAsync(path)).Status);
        Assert.Equal(404, (await _run.GetAsync("/api" + path)).Status);
    }
}
