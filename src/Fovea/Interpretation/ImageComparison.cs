using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>How strongly a unit reacts to an image.</summary>
/// <param name="Unit">Channel or latent.</param>
/// <param name="Magnitude">Σ|activation| over the positions (section 9.2.4 of the paper).</param>
public readonly record struct UnitMagnitude(int Unit, double Magnitude);

/// <summary>The units of a group, ranked for one image.</summary>
/// <param name="Group">The units.</param>
/// <param name="Top">The most active, best first; equal ones by number.</param>
/// <param name="Least">The least active, lowest first. Where many are equal, as with latents that are all zero, a seeded draw among
/// them.</param>
/// <param name="Active">Units with a magnitude above zero.</param>
/// <param name="Units">Units in all.</param>
public sealed record ImageRanking(
    UnitGroup Group, IReadOnlyList<UnitMagnitude> Top, IReadOnlyList<UnitMagnitude> Least, int Active, int Units);

/// <summary>
/// Network against network + dictionary on one image: which neurons and which latents react (figures 21 to 24 of the paper).
/// </summary>
public static class ImageComparison
{
    /// <summary>Ranks the units of each group by Σ|activation| over the positions of an image.</summary>
    /// <param name="network">The network; evaluation mode for the time of the call.</param>
    /// <param name="groups">Neurons, latents, in any number.</param>
    /// <param name="input">The preprocessed image, <c>[1, 3, H, W]</c>, which stays the caller's.</param>
    /// <param name="top">Units at the upper end.</param>
    /// <param name="least">Units at the lower end.</param>
    /// <param name="seed">Decides among equal units at the lower end.</param>
    /// <param name="eligible">Restricts the lower end, e.g. to units that are active on some image; null: every unit.</param>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer, or <see cref="ImageModel.Engine"/> asks for ONNX
    /// Runtime, which cannot read it.</exception>
    public static IReadOnlyList<ImageRanking> Rank(
        ImageModel network, IReadOnlyList<UnitGroup> groups, Tensor input, int top = 5, int least = 5, ulong seed = 1,
        Func<UnitGroup, int, bool>? eligible = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.shape[0] != 1) throw new ArgumentException("One image [1, 3, H, W] is needed.", nameof(input));
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(groups.Select(group => group.Layer).Distinct());
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Another engine's start takes longer than one image: only where it is asked for.
        using ModelReader? reader = network.Engine == EngineChoice.OnnxRuntime ? network.Reader(taps) : null;
        string why = network.Engine == EngineChoice.Torch ? "as was asked for" : "one image is read";
        if (reader is null) network.EngineChosen?.Invoke(ReadingEngine.OfTorch(why));
        ProbeResult result = reader?.Run(input) ?? network.Forward(input, taps);
        return [.. groups.Select(
            group => Rank(group, Magnitudes(group, result[group.Layer]), top, least, seed, unit => eligible?.Invoke(group, unit) ?? true))];
    }

    /// <summary>The same for a decoded picture.</summary>
    /// <inheritdoc cref="Rank(ImageModel, IReadOnlyList{UnitGroup}, Tensor, int, int, ulong, Func{UnitGroup, int, bool}?)"/>
    public static IReadOnlyList<ImageRanking> Rank(ImageModel network, IReadOnlyList<UnitGroup> groups, RgbImage image, int top = 5,
        int least = 5, ulong seed = 1, Func<UnitGroup, int, bool>? eligible = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        (int height, int width) = network.Preprocessing.OutputSize;
        var pixels = new float[checked(3 * height * width)];
        network.Preprocessing.Apply(image, 0, pixels);
        using var input = tensor(pixels, [1, 3, height, width], device: network.Device);
        return Rank(network, groups, input, top, least, seed, eligible);
    }

    /// <summary>Ranks given magnitudes.</summary>
    internal static ImageRanking Rank(UnitGroup group, double[] magnitudes, int top, int least, ulong seed, Func<int, bool> eligible)
    {
        UnitMagnitude[] all = [.. magnitudes.Select((magnitude, unit) => new UnitMagnitude(unit, magnitude))];
        UnitMagnitude[] best = [.. all.OrderByDescending(unit => unit.Magnitude).ThenBy(unit => unit.Unit).Take(top)];
        int[] lot = new CounterRandom(seed, $"compare/least/{group.Layer}/{group.Name}", 0).Permutation(all.Length);
        UnitMagnitude[] worst =
            [.. all.Where(unit => eligible(unit.Unit)).OrderBy(unit => unit.Magnitude).ThenBy(unit => lot[unit.Unit]).Take(least)];
        return new ImageRanking(group, best, worst, all.Count(unit => unit.Magnitude > 0), all.Length);
    }

    private static double[] Magnitudes(UnitGroup group, Tensor activation)
    {
        using var scope = NewDisposeScope();
        group.UnitCount((int)activation.shape[1]);
        Tensor maps = activation.dim() == 4 ? activation : activation.unsqueeze(-1).unsqueeze(-1);
        Tensor values = group.Values(maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1]));
        return values.abs().cpu().sum([0], type: float64).data<double>().ToArray();
    }
}
