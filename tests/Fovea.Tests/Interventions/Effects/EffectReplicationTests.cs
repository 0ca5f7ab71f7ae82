using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation.Relations;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Effects;

/// <summary>Two dictionaries of which it is known whether their latents point the same way and whether they do the same.</summary>
[Collection(TensorCounts.Name)]
public sealed class EffectReplicationTests : IDisposable
{
    private const int Latents = 24;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ImageModel _model;
    private readonly NoisePictures _source = new(EffectNetworks.Images);

    public EffectReplicationTests() => _model = EffectNetworks.Make("resnet18", _folder);

    public void Dispose()
    {
        _source.Dispose();
        _model.Dispose();
        Directory.Delete(_folder, true);
    }

    [Theory]
    [InlineData("layer4")]
    [InlineData("layer3")]
    public void The_same_latents_in_another_order_are_found_and_do_the_same(string layer)
    {
        using TopKAutoencoder a = Make(layer), b = Make(layer);
        int[] order = [.. Enumerable.Range(0, Latents).Select(i => (7 * i + 3) % Latents)];
        Reorder(b, order);
        EffectReplication found = Measure(layer, a, b);
        Assert.Equal(("a", "b", Latents), (found.A, found.B, found.Matched));
        Assert.InRange(found.Live, 5, Latents);
        Assert.Equal(found.Live, found.Near);
        Assert.Equal(1, found.Cosine!.Value, 1e-5);
        Assert.Equal(1, found.Effect!.Value, 1e-4);
        Assert.Equal(1, found.Effect.Lower, 1e-3);
        Assert.Equal(1, found.NearEffect!.Value, 1e-4);
        Assert.Equal(1, found.Classes!.Value, 1e-4);
        Assert.InRange(found.ClassesOthers!.Value, -0.9, 0.9);
    }

    [Fact]
    public void The_same_directions_that_fire_elsewhere_do_something_else()
    {
        using TopKAutoencoder a = Make("layer4"), b = Make("layer4");
        // The directions stay, and each latent fires where another one did.
        int[] active = [.. Effects(a).Where(one => one.Active > 0).Select(one => one.Units[0])];
        Assert.True(active.Length > 3, $"{active.Length}");
        Reorder(b, [.. Enumerable.Range(0, Latents).Select(
            i => Array.IndexOf(active, i) is >= 0 and var place ? active[(place + 1) % active.Length] : i)], decoders: false);
        EffectReplication found = Measure("layer4", a, b);
        Assert.Equal(1, found.Cosine!.Value, 1e-5);
        Assert.True(found.Effect!.Value < 0.99, $"{found.Effect.Value}");
        Assert.InRange(found.Effect.Value, found.Effect.Lower, found.Effect.Upper);
        // What a latent does where it fires is its direction's: to which classes, not how much.
        Assert.Equal(1, Math.Abs(found.Classes!.Value), 1e-3);
    }

    [Fact]
    public void By_loops_it_is_the_correlation_and_the_mean_cosine()
    {
        using TopKAutoencoder a = Make("layer4"), b = Make("layer4", other: true);
        EffectReplication found = Measure("layer4", a, b);
        var (left, right) = (Effects(a), Effects(b));
        using UnitDirections ofA = UnitDirections.Of(a.DecoderWeight), ofB = UnitDirections.Of(b.DecoderWeight);
        var pairs = UnitMatching.Of(ofA, ofB, default).Pairs.Where(pair => left[pair.A].Active > 0 && right[pair.B].Active > 0).ToArray();
        Assert.Equal(pairs.Length, found.Live);
        Assert.Equal(pairs.Average(pair => pair.Cosine), found.Cosine!.Value, 1e-9);
        Assert.Equal(pairs.Count(pair => pair.Cosine >= 0.7), found.Near);
        double meanA = pairs.Average(pair => left[pair.A].Logit.Mean), meanB = pairs.Average(pair => right[pair.B].Logit.Mean);
        double both = 0, ofLeft = 0, ofRight = 0, same = 0, others = 0;
        foreach (UnitPair one in pairs)
        {
            double x = left[one.A].Logit.Mean - meanA, y = right[one.B].Logit.Mean - meanB;
            (both, ofLeft, ofRight) = (both + x * y, ofLeft + x * x, ofRight + y * y);
            foreach (UnitPair other in pairs)
            {
                double dot = 0, aa = 0, bb = 0;
                for (int c = 0; c < 5; c++)
                {
                    double p = left[one.A].Logits[c], q = right[other.B].Logits[c];
                    (dot, aa, bb) = (dot + p * q, aa + p * p, bb + q * q);
                }
                double cosine = dot / Math.Sqrt(aa * bb);
                if (one == other) same += cosine / pairs.Length;
                else others += cosine / pairs.Length / (pairs.Length - 1);
            }
        }
        Assert.Equal(both / Math.Sqrt(ofLeft * ofRight), found.Effect!.Value, 1e-6);
        Assert.InRange(found.Effect.Value, found.Effect.Lower, found.Effect.Upper);
        Assert.Equal(same, found.Classes!.Value, 1e-6);
        Assert.Equal(others, found.ClassesOthers!.Value, 1e-6);
        Assert.Equal(found, Measure("layer4", a, b));
    }

    private IReadOnlyList<EffectResult> Effects(TopKAutoencoder dictionary) => EffectEvaluator.Evaluate(
        _model, EffectUnits.Latents("layer4", dictionary, DictionaryError.Kept), UnitOperation.Zero,
        _source, new EffectOptions { OfPredictedClass = true });

    private EffectReplication Measure(string layer, TopKAutoencoder a, TopKAutoencoder b) => EffectReplications.Measure(
        _model, layer, a, b, ("a", "b"), _source,
        new EffectStudyOptions { OfPredictedClass = true, IntegrationSteps = 0, Units = Latents }, null, TestContext.Current.CancellationToken);

    private TopKAutoencoder Make(string layer, bool other = false)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        int channels = _model.Layers.First(one => one.Name == layer).Shape[0];
        var dictionary = (TopKAutoencoder)Samples.Create("topk", channels, Latents, float32);
        // The same encoder and other directions.
        if (other) dictionary.DecoderWeight.add_(Samples.Normal(dictionary.DecoderWeight.shape, "other", float32) * 0.2);
        return dictionary;
    }

    private static void Reorder(TopKAutoencoder dictionary, int[] order, bool decoders = true)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor index = tensor([.. order.Select(i => (long)i)], int64);
        if (decoders) Take(SparseAutoencoder.DecoderWeightName, 0);
        Take(SparseAutoencoder.EncoderWeightName, 1);
        Take(SparseAutoencoder.EncoderBiasName, 0);

        void Take(string name, long axis)
        {
            Tensor own = dictionary.Parameters[name];
            own.copy_(own.index_select(axis, index));
        }
    }
}
