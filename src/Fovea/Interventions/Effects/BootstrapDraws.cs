using Fovea.Numerics;

namespace Fovea.Interventions.Effects;

/// <summary>
/// How often each image is in each of some samples drawn anew: Poisson numbers of mean 1 by (seed, image), so that samples are drawn while
/// images come, whatever their order (Hanley and MacGibbon 2006; Chamandy et al. 2012).
/// </summary>
/// <param name="seed">Decides them.</param>
internal sealed class BootstrapDraws(ulong seed)
{
    /// <summary>Samples.</summary>
    public const int Samples = 400;

    private float[][] _draws = [];

    /// <summary>Draws for some images.</summary>
    public void Begin(IReadOnlyList<int> images) => _draws = [.. images.Select(image =>
    {
        var random = new CounterRandom(seed, "effects/bootstrap", image);
        var draws = new float[Samples];
        for (int i = 0; i < Samples; i++) draws[i] = Poisson(random.NextDouble());
        return draws;
    })];

    /// <summary>How often the image at a place of them is in each sample.</summary>
    public ReadOnlySpan<float> Of(int place) => _draws[place];

    /// <summary>The quantile function of the Poisson distribution with mean 1.</summary>
    private static int Poisson(double uniform)
    {
        double term = Math.Exp(-1), below = term;
        int count = 0;
        while (uniform >= below && count < 20)
        {
            term /= ++count;
            below += term;
        }
        return count;
    }
}
