using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Whether a unit's pictures by several seeds show the network the same: the cosine of what they cause in the layer, its activation vectors
/// averaged over the positions.
/// </summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Pictures">Its pictures.</param>
/// <param name="Same">Mean cosine over pairs of them; NaN for fewer than two.</param>
/// <param name="Others">The baseline: mean cosine of its pictures with those of other units; NaN without others.</param>
public sealed record SeedAgreement(int Unit, int Pictures, double Same, double Others)
{
    /// <summary>Compares pictures of several units, each by one or more seeds.</summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">Whose activations are compared: the units' layer.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="batchSize">Pictures a forward pass.</param>
    /// <returns>By unit, in the order in which they first appear.</returns>
    /// <exception cref="FoveaException">No such layer.</exception>
    public static IReadOnlyList<SeedAgreement> Measure(
        ImageModel network, string layer, IReadOnlyList<UnitPicture> pictures, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(pictures);
        var vectors = new double[pictures.Count][];
        PicturePass.Layer(
            network, layer, pictures, batchSize, (i, rows) => vectors[i] = rows.to(float64).mean([0]).cpu().data<double>().ToArray());
        return Of([.. pictures.Select(picture => picture.Unit)], vectors);
    }

    /// <summary>Of given vectors. Sums of cosines over pairs are squared lengths of sums: linear in the number of pictures.</summary>
    internal static IReadOnlyList<SeedAgreement> Of(IReadOnlyList<int> units, double[][] vectors)
    {
        double[][] directions = [.. vectors.Select(Direction)];
        double[] everything = Sum(directions);
        return
        [
            .. units.Select((unit, i) => (unit, i)).GroupBy(pair => pair.unit, pair => directions[pair.i]).Select(own =>
            {
                double[] sum = Sum(own);
                int n = own.Count(), others = vectors.Length - n;
                double pairs = Dot(sum, sum) - own.Sum(one => Dot(one, one)), across = Dot(sum, everything) - Dot(sum, sum);
                return new SeedAgreement(
                    own.Key, n, n < 2 ? double.NaN : pairs / (n * (n - 1.0)), others == 0 ? double.NaN : across / ((double)n * others));
            }),
        ];
    }

    private static double[] Direction(double[] vector)
    {
        double length = Math.Sqrt(Dot(vector, vector));
        return length > 0 ? [.. vector.Select(value => value / length)] : vector;
    }

    private static double[] Sum(IEnumerable<double[]> vectors) => vectors.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
