using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>Matching pursuit of one vector after the other in loops over its definition, and how near each choice was to another.</summary>
internal static class PursuitSlow
{
    /// <summary>The codes of a vector.</summary>
    /// <param name="directions">Rows.</param>
    /// <param name="left">The vector less b_dec; becomes the residual.</param>
    /// <param name="steps">k.</param>
    /// <param name="tolerance">A residual that is not longer ends the steps.</param>
    /// <param name="stopAtRepeat">A step that chooses a latent again is the last.</param>
    /// <param name="margins">Gets what each choice was decided by.</param>
    public static double[] Codes(double[][] directions, double[] left, int steps, double tolerance, bool stopAtRepeat,
        List<double>? margins = null)
    {
        var codes = new double[directions.Length];
        var chosen = new HashSet<int>();
        for (int step = 0; step < (stopAtRepeat ? steps + 1 : steps); step++)
        {
            double[] products = [.. directions.Select(d => d.Zip(left, (a, b) => a * b).Sum())];
            int best = 0;
            for (int i = 1; i < products.Length; i++)
            {
                if (products[i] > products[best]) best = i;
            }
            margins?.Add(products[best]);
            if (products[best] <= 0) break;
            double[] sorted = [.. products.OrderDescending()];
            margins?.Add(sorted[0] - sorted[1]);
            codes[best] += products[best];
            for (int i = 0; i < left.Length; i++) left[i] -= products[best] * directions[best][i];
            double length = Math.Sqrt(left.Sum(value => value * value));
            margins?.Add(length - tolerance);
            bool again = !chosen.Add(best);
            if ((tolerance > 0 && length <= tolerance) || (stopAtRepeat && again)) break;
        }
        return codes;
    }

    public static double[][] Directions(SparseAutoencoder autoencoder)
    {
        double[] all = [.. autoencoder.DecoderWeight.to(float64).data<double>()];
        return [.. Enumerable.Range(0, autoencoder.LatentSize).Select(i => all[(i * autoencoder.InputSize)..((i
            + 1) * autoencoder.InputSize)])];
    }

    public static double[] Codes(MatchingPursuitAutoencoder pursuit, double[] x, List<double>? margins = null)
    {
        double[] bias = [.. pursuit.Parameters[SparseAutoencoder.DecoderBiasName].to(float64).data<double>()];
        return Codes(Directions(pursuit), [.. x.Zip(bias, (value, b) => value - b)], pursuit.K, pursuit.Tolerance, pursuit.StopAtRepeat,
            margins);
    }

    /// <summary>How near a vector's choices are to other ones.</summary>
    public static IEnumerable<Tensor> Margins(MatchingPursuitAutoencoder pursuit, Tensor x)
    {
        List<double> margins = [];
        Codes(pursuit, [.. x.to(float64).data<double>()], margins);
        return margins.Select(margin => tensor(margin));
    }
}
