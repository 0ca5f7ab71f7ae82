using Fovea.Interpretation;

namespace Fovea.Interventions.Effects;

/// <summary>What images give at each point of a curve.</summary>
/// <param name="points">Points.</param>
internal sealed class CurveSums(int points)
{
    private readonly List<(int Image, double Hit, double Probability)>[] _each =
        [.. Enumerable.Range(0, points).Select(_ => new List<(int, double, double)>())];

    public void Add(int point, int image, ImageScore score) => _each[point].Add((image, score.Top1 ? 1 : 0, Math.Exp(-score.Loss)));

    /// <summary>1 for each image whose class comes first.</summary>
    public IEnumerable<(int Image, double Value)> Hits(int point) => _each[point].Select(one => (one.Image, one.Hit));

    /// <summary>Each image's class's probability.</summary>
    public IEnumerable<(int Image, double Value)> Probabilities(int point) => _each[point].Select(one => (one.Image, one.Probability));
}

/// <summary>Means over images with the interval that samples of the images give.</summary>
/// <param name="seed">Decides the samples.</param>
internal sealed class ImageMeans(ulong seed)
{
    private readonly BootstrapDraws _draws = new(seed);
    private readonly Dictionary<int, float[]> _known = [];

    public EffectEstimate Of(IEnumerable<(int Image, double Value)> values)
    {
        var mean = new SampledMean();
        var weights = new float[BootstrapDraws.Samples];
        int count = 0;
        foreach (var (image, value) in values)
        {
            float[] draws = Draws(image);
            mean.Add(value, draws);
            SampledMean.Add(weights, draws, 1);
            count++;
        }
        return mean.Over(count, weights);
    }

    private float[] Draws(int image)
    {
        if (_known.TryGetValue(image, out float[]? draws)) return draws;
        _draws.Begin([image]);
        return _known[image] = _draws.Of(0).ToArray();
    }
}
