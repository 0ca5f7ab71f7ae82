using Fovea.Dictionaries.Sparse;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Shared;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Studies;

/// <summary>Changes as edits with gradients, beside the changes of one image and beside finite differences.</summary>
public sealed class ChangedLayersTests : IDisposable
{
    private readonly StudiedRun _run = new();
    private readonly ImageModel _model;
    private readonly SparseAutoencoder _third, _fourth;

    public ChangedLayersTests()
    {
        _model = ModelFile.Load(Path.Combine(_run.Folder, "model"));
        _third = AutoencoderFile.Load(Path.Combine(_run.Folder, "dictionaries", "block3", "topk"));
        _fourth = AutoencoderFile.Load(Path.Combine(_run.Folder, "dictionaries", "block4", "topk"));
    }

    public void Dispose()
    {
        _third.Dispose();
        _fourth.Dispose();
        _model.Dispose();
        _run.Dispose();
    }

    public static TheoryData<string> Cases => ["latent", "together", "positions", "dropped", "all codes", "dropped at positions", "two layers"];

    private Intervention[] Changes(string which)
    {
        (int, int)[] some = [(0, 1), (1, 0)];
        Intervention One(int unit, UnitOperation operation, DictionaryError error = DictionaryError.Kept, (int, int)[]? at = null) =>
            new("block4", new Latents(_fourth, error, unit), operation) { Positions = at };
        return which switch
        {
            "latent" => [One(3, UnitOperation.Set(4))],
            "together" => [One(3, UnitOperation.Set(4)), One(5, UnitOperation.Add(2)), One(3, UnitOperation.Scale(-2)), new("block4", EditedUnits.Neurons(2), UnitOperation.Scale(3))],
            "positions" => [One(3, UnitOperation.Set(4), at: some), One(7, UnitOperation.Add(1))],
            "dropped" => [One(3, UnitOperation.Add(1), DictionaryError.Dropped)],
            "all codes" => [new("block4", new Latents(_fourth, DictionaryError.Dropped), UnitOperation.Scale(1)), One(3, UnitOperation.Add(1), DictionaryError.Dropped)],
            "dropped at positions" => [One(3, UnitOperation.Add(1), DictionaryError.Dropped, some)],
            _ => [One(3, UnitOperation.Set(4)), new("block3", new Latents(_third, DictionaryError.Kept, 9), UnitOperation.Add(3))],
        };
    }

    [Theory, MemberData(nameof(Cases))]
    public void They_give_what_the_page_of_an_image_says(string which)
    {
        Intervention[] changes = Changes(which);
        var network = new NetworkStudy(_model, "block3", "block4");
        using var scope = NewDisposeScope();
        Tensor input = cat([.. Enumerable.Range(0, 3).Select(i => StudiedRun.Pixels(StudiedRun.Picture(i)))]);
        Tensor logits = _model.Forward(input, new Probe { Output = true, Edits = ChangedLayers.Edits(changes) }).Logits.detach();
        for (int i = 0; i < 3; i++)
        {
            using ImageStudy study = network.Read(StudiedRun.Picture(i));
            float[] expected = [.. study.With(changes)], found = logits[i].data<float>().ToArray();
            for (int label = 0; label < expected.Length; label++) Assert.Equal(expected[label], found[label], 2e-4);
            Assert.True(expected.Zip(study.Answer).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-3, "nothing changes: the test says nothing");
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Their_gradients_are_those_of_differences(string which)
    {
        var edits = ChangedLayers.Edits(Changes(which));
        using var scope = NewDisposeScope();
        Tensor input = StudiedRun.Pixels(StudiedRun.Picture(4)).requires_grad_();
        Tensor Logit(Tensor x) => _model.Forward(x, new Probe { Output = true, Edits = edits }).Logits[0, 2];
        Tensor gradient = autograd.grad([Logit(input)], [input])[0];
        Tensor direction = gradient / gradient.norm();
        const double Step = 2e-2;
        double up = Logit((input + Step * direction).detach()).item<float>(), down = Logit((input - Step * direction).detach()).item<float>();
        double slope = gradient.norm().item<float>();
        Assert.Equal(slope, (up - down) / (2 * Step), 0.1 * slope + 1e-3);
    }

    [Fact]
    public void A_picture_of_the_changed_network_reaches_there_what_its_record_says_and_starts_where_the_other_starts()
    {
        Intervention[] changes = Changes("together");
        RenderOptions options = RenderPresets.Paper with { Steps = 12, Seed = 3, BatchSize = 1, Size = StudiedRun.Side };
        var objective = new LogitObjective(_model, [2]);
        RenderResult plain = new FeatureRenderer(_model).Render(objective, options)[0];
        RenderResult changed = new FeatureRenderer(_model, ChangedLayers.Edits(changes)).Render(objective, options)[0];

        var network = new NetworkStudy(_model, "block3", "block4");
        using ImageStudy study = network.ReadSeen(changed.Picture);
        Assert.Equal(study.With(changes)[2], changed.Activation, 0.02 * Math.Abs(changed.Activation) + 0.02);
        Assert.False(plain.Picture.Pixels.SequenceEqual(changed.Picture.Pixels));
        // Without any change the two are one picture.
        RenderResult same = new FeatureRenderer(_model, ChangedLayers.Edits([new("block4", EditedUnits.Neurons(1), UnitOperation.Scale(1))])).Render(objective, options)[0];
        Assert.Equal(plain.Activation, same.Activation, 1e-3);
    }

    [Fact]
    public void What_has_no_gradient_is_refused()
    {
        Assert.Throws<FoveaException>(() => ChangedLayers.Edits([new("block4", EditedUnits.Neurons(1), UnitOperation.Resample)]));
        using var scope = NewDisposeScope();
        var outside = ChangedLayers.Edits([new("block4", new Latents(_fourth, DictionaryError.Kept, 1), UnitOperation.Zero) { Positions = [(99, 0)] }]);
        Assert.Throws<FoveaException>(() => _model.Forward(StudiedRun.Pixels(StudiedRun.Picture(0)), new Probe { Output = true, Edits = outside }));
    }
}
