using Fovea.Imaging;
using Fovea.Models;
using Fovea.Visualization.Objectives;
using static TorchSharp.torch;

namespace Fovea.Visualization;

/// <summary>What a layer makes of images, to liken pictures to (<see cref="InversionObjective"/>).</summary>
public static class StoredActivations
{
    /// <summary>A layer's output for images in evaluation mode, each seen alone.</summary>
    /// <param name="network">The network; it stays as it is.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="images">At least one.</param>
    /// <param name="size">Height in pixels, the width being the network's share of it: that of the pictures to be made, or their
    /// <see cref="RenderOptions.ViewSize"/>.</param>
    /// <returns><c>[N, C, H, W]</c> or <c>[N, C]</c>, where the network lives; the caller's.</returns>
    /// <exception cref="FoveaException">There is no image, or the layer does not exist.</exception>
    public static Tensor Of(ImageModel network, string layer, IReadOnlyList<RgbImage> images, int size)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0) throw FoveaException.BadConfiguration($"There is no image to take the activation of {layer} from.");
        (int height, int width) = network.Preprocessing.SizeAt(size);
        Preprocessing whole = StartPictures.Whole(height, width);
        whole = new Preprocessing(
            whole.Resize, whole.Crop, network.Preprocessing.Mean, network.Preprocessing.Std, squash: whole.Squash, width: whole.Width);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(layer);
        // One after the other: of each pass nothing is kept but the layer's output.
        return cat([.. images.Select(One)]).MoveToOuterDisposeScope();

        Tensor One(RgbImage image)
        {
            using var inner = NewDisposeScope();
            var input = new float[3 * height * width];
            whole.Apply(image, 0, input);
            return network.Forward(tensor(input, [1, 3, height, width], device: network.Device), taps)[layer].clone()
                .MoveToOuterDisposeScope();
        }
    }
}
