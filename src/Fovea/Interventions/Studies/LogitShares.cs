using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// What one logit of one image is made of, exactly, where nothing but average pooling and a linear head W, b follow the layer. With f̄ the
/// codes' mean over positions (each times its vector's own scale, where the dictionary has one), dᵢ the decoder's rows and ē the mean of the
/// dictionary's error x − x̂,
/// <code>
/// logit_c = Σᵢ f̄ᵢ (W_c · dᵢ)  +  W_c · ē  +  (W_c · b_dec + b_c)
///            the units            the error    the constant
/// </code>
/// For neurons, whose directions are the axes, logit_c = Σᵢ x̄ᵢ W_ci + b_c, without an error.
/// </summary>
/// <param name="Output">The logit's number.</param>
/// <param name="Logit">Its value in the unchanged network.</param>
/// <param name="Constant">What it is where every unit and the error are 0.</param>
/// <param name="Error">What the dictionary's error adds; 0 for neurons.</param>
/// <param name="Units">What the units add that are not 0, by number.</param>
public sealed record LogitShares(
    int Output, double Logit, double Constant, double Error, IReadOnlyList<(int Unit, double Share)> Units)
{
    /// <summary>Constant, error and units together: the logit, up to rounding.</summary>
    public double Sum => Constant + Error + Units.Sum(one => one.Share);

    /// <summary>The shares of a head's output.</summary>
    /// <param name="head">The head behind the layer.</param>
    /// <param name="vectors">The layer's, <c>[positions, C]</c>.</param>
    /// <param name="maps">The units' values.</param>
    /// <param name="codes">The dictionary's; null for neurons.</param>
    /// <param name="directions">The decoder's rows, <c>[units, C]</c>; null for neurons.</param>
    /// <param name="output">Which.</param>
    /// <param name="logit">Its value.</param>
    internal static LogitShares Of(
        PooledHead head, Tensor vectors, UnitMaps maps, CodedVectors? codes, Tensor? directions, int output, double logit)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor weight = head.Weight[output].cpu().to(float64);
        double bias = head.Bias is { } own ? own[output].cpu().to(float64).item<double>() : 0;
        double[] means = maps.Means(codes?.Scales);
        int[] active = [.. Enumerable.Range(0, means.Length).Where(unit => means[unit] != 0)];
        if (active.Length == 0) active = [0];
        Tensor index = tensor(active, int64);
        Tensor effects = directions is null
            ? weight.index_select(0, index) : directions.cpu().index_select(0, index).to(float64).mv(weight);
        double[] each = effects.data<double>().ToArray();
        double error = 0, constant = bias;
        if (codes is not null)
        {
            Tensor made = codes.Reconstruction.cpu().to(float64).mean([0L]);
            error = (vectors.cpu().to(float64).mean([0L]) - made).dot(weight).item<double>();
            // What the reconstruction adds beside its units: the decoder's bias, whatever a dictionary calls it.
            constant += made.dot(weight).item<double>() - active.Select((unit, i) => means[unit] * each[i]).Sum();
        }
        return new LogitShares(
            output, logit, constant, error, [.. active.Select((unit, i) => (unit, means[unit] * each[i])).Where(one => one.Item2 != 0)]);
    }
}
