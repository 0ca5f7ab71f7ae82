using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// What heat overlays show of a batch of pictures: a group's values at every position and, for near misses of latents, how near each
/// position came.
/// </summary>
internal sealed class ExampleMaps
{
    private readonly float[] _values;
    private readonly float[]? _preActivations;
    private readonly int _units, _positions;

    private ExampleMaps(float[] values, float[]? preActivations, int units, int positions) =>
        (_values, _preActivations, _units, _positions) = (values, preActivations, units, positions);

    /// <summary>One forward pass.</summary>
    /// <param name="network">The network, frozen.</param>
    /// <param name="taps">On the group's layer.</param>
    /// <param name="statistics">The group and its grid.</param>
    /// <param name="pictures">As the network sees them.</param>
    /// <param name="near">Whether near misses are among the examples.</param>
    public static ExampleMaps Of(ImageModel network, Probe taps, GroupStatistics statistics, RgbImage[] pictures, bool near)
    {
        (int height, int width) = network.Preprocessing.OutputSize;
        var pixels = new float[checked(pictures.Length * 3 * height * width)];
        for (int i = 0; i < pictures.Length; i++)
            network.Preprocessing.Normalise(pictures[i].Pixels, pixels.AsSpan(i * 3 * height * width, 3 * height * width));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        UnitGroup group = statistics.Group;
        Tensor activation = network.Forward(tensor(pixels, [pictures.Length, 3, height, width], device: network.Device), taps)[group.Layer];
        if (activation.dim() == 2) activation = activation.unsqueeze(-1).unsqueeze(-1);
        Tensor vectors = activation.permute(0, 2, 3, 1).reshape(-1, activation.shape[1]), values = group.Values(vectors);
        return new ExampleMaps(
            Numbers(values), near && group.IsDictionary
                ? Numbers(group.PreActivations(vectors)) : null, (int)values.shape[1], statistics.Height * statistics.Width);
    }

    /// <summary>
    /// A unit's map on a picture. Of a latent's near miss, on which its values are 0, it is the pre-activation above the lowest in the
    /// picture, z − min z: what is brightest came nearest, whatever the sign of z.
    /// </summary>
    /// <param name="picture">Its place in the batch.</param>
    /// <param name="unit">Channel or latent.</param>
    /// <param name="kind">One of <see cref="ExampleKinds"/>.</param>
    /// <returns><c>[height, width]</c> of the layer's grid.</returns>
    public float[] Heat(int picture, int unit, string kind)
    {
        if (kind != ExampleKinds.Near || _preActivations is null) return Own(_values, picture, unit);
        float[] z = Own(_preActivations, picture, unit);
        float lowest = z.Min();
        return [.. z.Select(value => value - lowest)];
    }

    private float[] Own(float[] maps, int picture, int unit)
    {
        var own = new float[_positions];
        for (int p = 0; p < own.Length; p++) own[p] = maps[(((long)picture * _positions) + p) * _units + unit];
        return own;
    }

    private static float[] Numbers(Tensor values) => values.to(float32).cpu().data<float>().ToArray();
}
