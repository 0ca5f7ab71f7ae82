using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>Whether a <c>cfg.json</c> and its tensors speak of the same sizes, before anything is made of them.</summary>
internal static class SaeLensShapes
{
    /// <summary>
    /// Checks d_in and d_sae against the tensors that every architecture has, and the biases and thresholds by their lengths.
    /// </summary>
    /// <exception cref="FoveaException">Data: sizes are missing, not positive, or not those of the tensors; all differences in one
    /// message.</exception>
    public static void Check(SaeConfiguration file, IReadOnlyDictionary<string, Tensor> tensors, string path, string weights)
    {
        if (file.InputSize is not > 0 || file.LatentSize is not > 0)
            throw FoveaException.BadData($"{path} lacks d_in and d_sae, two whole numbers above 0.");
        long d = file.InputSize.Value, n = file.LatentSize.Value;
        (string Name, long[] Shape)[] expected =
        [
            (SparseAutoencoder.EncoderWeightName, [d, n]),
            (SparseAutoencoder.DecoderWeightName, [n, d]),
            (SparseAutoencoder.DecoderBiasName, [d]),
            .. LatentVectors(file.Architecture).Select(name => (name, (long[])[n])),
        ];
        List<string> wrong = [];
        foreach (var (name, shape) in expected)
        {
            if (!tensors.TryGetValue(name, out var tensor)) wrong.Add($"{name} is missing");
            else if (!tensor.shape.AsSpan().SequenceEqual(shape))
                wrong.Add($"{name} is [{string.Join(", ", tensor.shape)}], expected [{string.Join(", ", shape)}]");
        }
        wrong.AddRange(tensors.Keys.Except(expected.Select(one => one.Name)).Select(name => $"{name} is unexpected"));
        if (wrong.Count > 0)
            throw FoveaException.BadData(
                $"{weights} does not hold what {path} announces (d_in {d}, d_sae {n}, {file.Architecture}): {string.Join("; ", wrong)}.");
        if (file.Architecture == "topk" && !(file.K >= 1 && file.K <= n && Math.Floor(file.K.Value) == file.K.Value))
            throw FoveaException.BadData(
                $"{path}: topk needs k, a whole number of 1 to "
                    + $"{n}, it is {file.K?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "missing"}.");
    }

    /// <summary>Names of what an architecture has one number for each latent of.</summary>
    private static string[] LatentVectors(string? architecture) => architecture switch
    {
        "jumprelu" => [SparseAutoencoder.EncoderBiasName, SparseAutoencoder.ThresholdName],
        "gated" => [GatedAutoencoder.GateBiasName, GatedAutoencoder.MagnitudeBiasName, GatedAutoencoder.MagnitudeScaleName],
        _ => [SparseAutoencoder.EncoderBiasName],
    };
}
