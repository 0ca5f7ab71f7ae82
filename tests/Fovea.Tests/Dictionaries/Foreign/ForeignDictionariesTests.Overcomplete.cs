using Fovea.Checkpoints;
using Fovea.Dictionaries.Foreign;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

// overcomplete.
public sealed partial class ForeignDictionariesTests
{
    private Dictionary<string, Tensor> Overcomplete(bool batchNorm)
    {
        var state = new Dictionary<string, Tensor>
        {
            ["encoder.final_block.0.weight"] = Random("oc encoder", Latents, Inputs),
            ["encoder.final_block.0.bias"] = Random("oc bias", Latents) * 0.3,
            ["dictionary._weights"] = Random("oc weights", Latents, Inputs),
            ["dictionary.multiplier"] = tensor(0.4f),
        };
        if (batchNorm)
        {
            state["encoder.final_block.1.weight"] = Random("oc gamma", Latents);
            state["encoder.final_block.1.bias"] = Random("oc beta", Latents) * 0.2;
            state["encoder.final_block.1.running_mean"] = Random("oc mean", Latents) * 0.5;
            state["encoder.final_block.1.running_var"] = Random("oc var", Latents).square() + 0.1;
            state["encoder.final_block.1.num_batches_tracked"] = tensor(12L);
        }
        return state;
    }

    private static double[] OvercompleteScores(Dictionary<string, Tensor> state, double[] x)
    {
        double[][] encoder = Table(state["encoder.final_block.0.weight"]);
        double[] bias = List(state["encoder.final_block.0.bias"]), z = [.. encoder.Select((w, i) => Dot(x, w) + bias[i])];
        if (!state.ContainsKey("encoder.final_block.1.weight")) return z;
        double[] Norm(string name) => List(state["encoder.final_block.1." + name]);
        double[] weight = Norm("weight"), beta = Norm("bias"), mean = Norm("running_mean"), variance = Norm("running_var");
        return [.. z.Select((value, i) => (value - mean[i]) / Math.Sqrt(variance[i] + 1e-5) * weight[i] + beta[i])];
    }

    private static double[][] OvercompleteDictionary(Dictionary<string, Tensor> state, string? normalization)
    {
        double[][] rows = Table(state["dictionary._weights"]);
        double L2(double[] row) => Math.Sqrt(Dot(row, row));
        double L1(double[] row) => row.Sum(Math.Abs);
        double scale = Math.Exp(0.4f);
        return [.. rows.Select(row => row.Select(value => scale * value / (normalization switch
        {
            "max_l2" => rows.Max(L2), "l1" => L1(row), "max_l1" => rows.Max(L1), "identity" => 1, _ => L2(row),
        })).ToArray())];
    }

    [Theory]
    [InlineData("topk", null, false)]
    [InlineData("topk", "l2", true)]
    [InlineData("topk", "max_l2", false)]
    [InlineData("topk", "l1", true)]
    [InlineData("topk", "max_l1", false)]
    [InlineData("topk", "identity", true)]
    [InlineData("batchtopk", null, false)]
    [InlineData("jumprelu", null, true)]
    [InlineData("l1", null, false)]
    public void Overcomplete_has_no_bias_of_the_inputs_and_directions_of_a_length(string variant, string? normalization, bool batchNorm)
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm);
        const double Cut = 0.6;
        if (variant == "jumprelu") state["thresholds"] = Random("oc thresholds", Latents) * 0.5 - 1;
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions
        {
            K = variant == "topk" ? K : null,
            Threshold = variant == "batchtopk" ? Cut : null,
            Architecture = variant == "l1" ? "l1" : null,
            Normalization = normalization,
        });
        double[][] directions = OvercompleteDictionary(state, normalization);
        double[]? thresholds = variant == "jumprelu" ? List(state["thresholds"]) : null;
        AssertSame(found, "overcomplete", x =>
        {
            double[] z = [.. OvercompleteScores(state, x).Select(value => Math.Max(0, value))];
            return variant switch
            {
                "topk" => Top(z, K),
                "batchtopk" => [.. z.Select(value => value >= Cut ? value : 0)],
                "jumprelu" => [.. z.Select((value, i) => value < Math.Exp(thresholds![i]) ? 0 : value)],
                _ => z,
            };
        }, f => Decode(f, directions, new double[Inputs]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tied_encoder_is_the_directions_and_archetypal_ones_are_mixtures(bool archetypal)
    {
        using var scope = NewDisposeScope();
        var state = new Dictionary<string, Tensor> { ["encoder.bias"] = Random("tied bias", Latents) * 0.2 };
        double[][] directions;
        if (archetypal)
        {
            state["dictionary.C"] = Random("C", 12, Inputs);
            state["dictionary.W"] = Random("W", Latents, 12);
            state["dictionary.Relax"] = Random("Relax", Latents, Inputs) * 0.1;
            state["dictionary.multiplier"] = tensor(-0.3f);
            double[][] points = Table(state["dictionary.C"]), relax = Table(state["dictionary.Relax"]);
            directions = [.. Table(state["dictionary.W"]).Select((row, latent) =>
            {
                double[] weights = [.. row.Select(value => Math.Max(0, value))];
                return Enumerable.Range(0, Inputs).Select(i =>
                    Math.Exp(-0.3f) * (weights.Select((w, j) => w / weights.Sum() * points[j][i]).Sum() + relax[latent][i])).ToArray();
            })];
            state["encoder.weight"] = Random("own encoder", Latents, Inputs);
        }
        else
        {
            state["dictionary._weights"] = Random("oc weights", Latents, Inputs);
            state["dictionary.multiplier"] = tensor(0.4f);
            state["encoder.tied_to._weights"] = state["dictionary._weights"];
            state["encoder.tied_to.multiplier"] = state["dictionary.multiplier"];
            directions = OvercompleteDictionary(state, null);
        }
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions { K = K });
        double[][] encoder = archetypal ? Table(state["encoder.weight"]) : directions;
        double[] bias = List(state["encoder.bias"]);
        AssertSame(found, "overcomplete", x => Top([.. encoder.Select((w, i) => Math.Max(0, Dot(x, w) + bias[i]))], K), f => Decode(f,
            directions, new double[Inputs]));
    }

    [Theory]
    [InlineData(null, 1.0)]
    [InlineData(0.3, 0.3)]
    [InlineData(9.0, 9.0)]
    public void Archetypal_directions_stand_no_further_off_the_hull_than_delta(double? said, double delta)
    {
        using var scope = NewDisposeScope();
        var state = new Dictionary<string, Tensor>
        {
            ["dictionary.C"] = Random("C", 12, Inputs),
            ["dictionary.W"] = Random("W", Latents, 12),
            ["dictionary.Relax"] = Random("Relax", Latents, Inputs) * 0.6,
            ["dictionary.multiplier"] = tensor(0f),
            ["encoder.weight"] = Random("own encoder", Latents, Inputs),
        };
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions { K = K, Delta = said });
        double[][] points = Table(state["dictionary.C"]), relax = Table(state["dictionary.Relax"]);
        double[][] encoder = Table(state["encoder.weight"]);
        int longer = relax.Count(row => Math.Sqrt(Dot(row, row)) > delta);
        double[][] directions = [.. Table(state["dictionary.W"]).Select((row, latent) =>
        {
            double[] weights = [.. row.Select(value => Math.Max(0, value))];
            double shrink = Math.Min(1, delta / Math.Sqrt(Dot(relax[latent], relax[latent])));
            return Enumerable.Range(0, Inputs).Select(i =>
                weights.Select((w, j) => w / weights.Sum() * points[j][i]).Sum() + shrink * relax[latent][i]).ToArray();
        })];
        AssertSame(found, "overcomplete", x => Top([.. encoder.Select(w => Math.Max(0, Dot(x, w)))], K), f => Decode(f, directions,
            new double[Inputs]));
        Assert.Equal(delta < 9, longer > 0);
        Assert.Equal(longer > 0,
            found.Notes.Any(note => note.StartsWith($"{longer} of its {Latents} directions", StringComparison.Ordinal)));
    }

    [Fact]
    public void Matching_pursuit_of_overcomplete_takes_k_rounds()
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm: false);
        state["dictionary.multiplier"] = tensor(0f);
        PyTorchFile.Write(File_("sae.pt"), state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"), new ForeignOptions { K = K, Architecture = "matchingpursuit" });
        double[][] rows = Table(state["dictionary._weights"]);
        double[][] directions = [.. rows.Select(row => row.Select(value => value / Math.Sqrt(Dot(row, row))).ToArray())];
        AssertSame(found, "overcomplete", x =>
        {
            var codes = new double[Latents];
            double[] left = [.. x];
            for (int round = 0; round < K; round++)
            {
                double[] products = [.. directions.Select(d => Dot(left, d))];
                int best = Array.IndexOf(products, products.Max());
                if (products[best] <= 0) break;
                codes[best] += products[best];
                left = [.. left.Select((value, i) => value - products[best] * directions[best][i])];
            }
            return codes;
        }, f => Decode(f, directions, new double[Inputs]));
    }

    [Fact]
    public void What_overcomplete_does_not_say_or_what_is_not_linear_is_refused()
    {
        using var scope = NewDisposeScope();
        var state = Overcomplete(batchNorm: true);
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "--k K for a TopK", FailureKind.Configuration);
        AssertRefused(File_("sae.pt"), "--threshold X", FailureKind.Configuration, new ForeignOptions { Architecture = "batchtopk" });
        AssertRefused(File_("sae.pt"), "by l2, max_l2", FailureKind.Configuration, new ForeignOptions { K = 2, Normalization = "unit" });
        AssertRefused(File_("sae.pt"), "1 ≤ k ≤ 9", FailureKind.Data, new ForeignOptions { K = 10 });
        AssertRefused(File_("sae.pt"), "no gated", FailureKind.Configuration, new ForeignOptions { Architecture = "gated" });
        state["Q"] = Random("Q", 4);
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "QSAE", options: new ForeignOptions { K = 2 });
        state.Remove("Q");
        state.Remove("encoder.final_block.1.running_var");
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "LayerNorm", options: new ForeignOptions { K = 2 });
        state["encoder.mlp_blocks.0.0.weight"] = Random("hidden", Inputs, Inputs);
        PyTorchFile.Write(File_("sae.pt"), state);
        AssertRefused(File_("sae.pt"), "hidden layers", options: new ForeignOptions { K = 2 });
        PyTorchFile.Write(File_("sae.pt"), new Dictionary<string, Tensor>
        {
            ["dictionary._weights"] = Random("oc weights", Latents, Inputs),
            ["encoder.resnet_blocks.0.conv1.weight"] = Random("conv", 3, 3),
        });
        AssertRefused(File_("sae.pt"), "none of its linear ones", options: new ForeignOptions { K = 2 });
        PyTorchFile.Write(File_("sae.pt"), new Dictionary<string, Tensor>
        {
            ["dictionary._weights"] = Random("oc weights", Latents, Inputs),
        });
        AssertRefused(File_("sae.pt"), "An OMPSAE", options: new ForeignOptions { K = 2 });
        PyTorchFile.Write(File_("sae.pt"), new Dictionary<string, Tensor>
        {
            ["dictionary.C"] = Random("C", 12, Inputs),
            ["dictionary.W"] = Random("W", Latents, 12),
            ["dictionary.Relax"] = Random("Relax", Latents, Inputs),
        });
        AssertRefused(File_("sae.pt"), "δ is a number", FailureKind.Configuration, new ForeignOptions { K = 2, Delta = double.NaN });
    }
}
