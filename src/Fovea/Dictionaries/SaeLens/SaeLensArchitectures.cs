using Fovea.Dictionaries.Sparse;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>SAELens' architectures: which variant each is, and what to do about those that are none.</summary>
internal static class SaeLensArchitectures
{
    /// <summary>Its name of the pursuit.</summary>
    public const string MatchingPursuit = "matching_pursuit";

    /// <summary>Why the others are no dictionaries of a layer's vectors, or how they become ones that are read.</summary>
    private static readonly Dictionary<string, string> Advice = new(StringComparer.Ordinal)
    {
        ["transcoder"] = Other,
        ["skip_transcoder"] = Other,
        ["jumprelu_transcoder"] = Other,
        ["jumprelu_skip_transcoder"] = Other,
        ["clt"] = Other,
        ["crosscoder"] = Other,
        ["temporal"] = "It encodes a sequence of vectors together, and there is none in a layer's map. Train one of another architecture.",
        ["phase_multiplexed"] = "Its codes depend on a vector's place. Train one of another architecture.",
    };

    private const string Other = "It computes another layer's vectors from this one's, so that nothing here could measure it on its "
        + "layer. Train a SAE of the layer instead.";

    /// <summary>The variant whose codes a file's architecture has.</summary>
    /// <exception cref="FoveaException">Data: there is none; the message says what to do.</exception>
    public static AutoencoderVariant Variant(SaeConfiguration file, string path)
    {
        if (AutoencoderVariants.All.FirstOrDefault(known => known.FileArchitecture == file.Architecture) is { } variant) return variant;
        string known = string.Join(", ", AutoencoderVariants.All.Select(one => one.FileArchitecture).Distinct());
        string advice = Advice.GetValueOrDefault(file.Architecture ?? "")
            ?? "If it is a SAE in training, save it in its inference form (SAELens: save_inference_model) and import that.";
        throw FoveaException.BadData($"{path}: architecture '{file.Architecture}' is not read; {known} are, and batchtopk and "
            + $"matryoshka_batchtopk as training leaves them. {advice}");
    }
}
