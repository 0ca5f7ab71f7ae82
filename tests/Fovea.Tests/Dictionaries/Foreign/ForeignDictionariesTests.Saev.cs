using System.Text;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Foreign;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

// saev.
public sealed partial class ForeignDictionariesTests
{
    private void WriteSaev(string header, Dictionary<string, Tensor> state)
    {
        PyTorchFile.Write(File_("state.pt"), state);
        File.WriteAllBytes(File_("sae.pt"), [.. Encoding.UTF8.GetBytes(header + "\n"), .. File.ReadAllBytes(File_("state.pt"))]);
    }

    private static Dictionary<string, Tensor> SaevState(double? threshold)
    {
        var state = new Dictionary<string, Tensor>
        {
            ["W_dec"] = Random("W_dec", Latents, Inputs),
            ["b_dec"] = Random("b_dec", Inputs) * 0.5,
            ["W_enc"] = Random("W_enc", Inputs, Latents),
            ["b_enc"] = Random("b_enc", Latents) * 0.3,
        };
        if (threshold is { } value) state["activation.threshold"] = tensor((float)value);
        return state;
    }

    [Theory]
    [InlineData("""{"d_vit": 5, "exp_factor": 2, "sparsity_coeff": 4e-4, "ghost_grads": false, "seed": 0}""", "relu", true, null)]
    [InlineData("""{"schema": 1, "cls": "Relu", "cfg": {"d_vit": 5, "exp_factor": 2}}""", "relu", true, null)]
    [InlineData("""{"schema": 1, "cls": "TopK", "cfg": {"d_vit": 5, "top_k": 3}}""", "topk", true, null)]
    [InlineData("""{"schema": 2, "cfg": {"d_vit": 5, "activation": {"cls": "Relu", "params": {}}}, "commit": "unknown", "lib": "0.1"}""", "relu", false, null)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"TopK","params":{"key":"top-k","top_k":3}}},"lib":"0.2"}""", "topk", false, null)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"BatchTopK","params":{"key":"batch-top-k","top_k":3}}}}""", "batch", false, 0.8)]
    [InlineData("""{"schema":5,"cfg":{"d_model":5,"d_sae":9,"activation":{"cls":"BatchTopK","params":{"top_k":3}}}}""", "batch", false, -0.2)]
    [InlineData("""{"schema": 2, "cfg": {"d_vit": 5, "activation": {"cls": "BatchTopK", "params": {"top_k": 3}}}}""", "topk", false, null)]
    public void Saev_subtracted_its_bias_before_schema_2_and_not_since(string header, string kind, bool subtracts, double? threshold)
    {
        using var scope = NewDisposeScope();
        var state = SaevState(threshold);
        WriteSaev(header, state);
        using var found = ForeignDictionaries.Import(File_("sae.pt"));
        double[][] encoder = Transposed(Table(state["W_enc"])), decoder = Table(state["W_dec"]);
        double[] bias = List(state["b_dec"]), own = List(state["b_enc"]);
        AssertSame(found, "saev", x =>
        {
            double[] z = [.. encoder.Select((w, i) => Dot(subtracts ? Minus(x, bias) : x, w) + own[i])];
            // Where fewer than k are above 0 saev's TopK keeps what is below, and ours does not: said in a note.
            return kind switch
            {
                "topk" => [.. Top(z, K).Select(value => Math.Max(0, value))],
                "batch" => [.. z.Select(value => value > Math.Max(threshold!.Value, 0) ? value : 0)],
                _ => [.. z.Select(value => Math.Max(0, value))],
            };
        }, f => Decode(f, decoder, bias));
        Assert.Equal(subtracts, found.Notes.Any(note => note.Contains("before schema 2", StringComparison.Ordinal)));
        Assert.Equal(kind == "topk", found.Notes.Any(note => note.Contains("below 0", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"schema": 9, "cfg": {}}""", "schema 9")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "Softplus", "params": {}}}}""", "Softplus")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "TopK", "params": {}}}}""", "top_k")]
    [InlineData("""{"schema": 5, "cfg": {"activation": {"cls": "TopK", "params": {"top_k": 10}}}}""", "1 ≤ k ≤ 9")]
    [InlineData("""{"schema": 5, "cfg": """, "not JSON")]
    public void A_header_of_saev_that_does_not_fit_is_refused(string header, string reason)
    {
        using var scope = NewDisposeScope();
        WriteSaev(header, SaevState(null));
        AssertRefused(File_("sae.pt"), reason);
        AssertRefused(File_("sae.pt"), "leave --architecture", FailureKind.Configuration, new ForeignOptions { K = 3 });
    }
}
