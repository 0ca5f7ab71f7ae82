using Fovea.Datasets;
using Fovea.Imaging;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>Networks of the catalogue.</summary>
public sealed partial class ImageModel
{
    /// <summary>A network of the catalogue with fresh weights, drawn from the seed.</summary>
    /// <param name="architecture">A name in <see cref="Architectures"/>.</param>
    /// <param name="outputs">Number of classes.</param>
    /// <param name="flow">As published (null), or modified for better gradients.</param>
    /// <param name="preprocessing">What images go through first; null: as the architecture was published with.</param>
    /// <param name="seed">Decides the weights (<see cref="Initialise"/>).</param>
    /// <exception cref="FoveaException">No such architecture.</exception>
    public static ImageModel Create(
        string architecture, int outputs, GradientFlow? flow = null, Preprocessing? preprocessing = null, ulong seed = 1)
    {
        ImageModel model = Architectures.Get(architecture).Create(outputs, flow, preprocessing);
        model.Initialise(seed);
        return model;
    }

    /// <summary>A network of the catalogue with the weights of a checkpoint (PyTorch or safetensors).</summary>
    /// <param name="weights">The file.</param>
    /// <param name="architecture">A name in <see cref="Architectures"/>.</param>
    /// <param name="classes">Its classes in the order of its outputs.</param>
    /// <param name="flow">As published (null), or modified for better gradients.</param>
    /// <param name="preprocessing">What images go through first; null: as the architecture was published with.</param>
    /// <param name="device">Where it is to live; null: in main memory.</param>
    /// <exception cref="FoveaException">No such architecture, or the file is missing, damaged or another network's.</exception>
    public static ImageModel Open(
        string weights, string architecture, ClassList classes, GradientFlow? flow = null, Preprocessing? preprocessing = null,
            Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return Architectures.Get(architecture).Open(weights, classes.Count, classes, flow, preprocessing, device);
    }

    /// <summary>The same where only the number of classes is known.</summary>
    /// <inheritdoc cref="Open(string, string, ClassList, GradientFlow?, Preprocessing?, Device?)"/>
    public static ImageModel Open(
        string weights, string architecture, int outputs, GradientFlow? flow = null, Preprocessing? preprocessing = null,
            Device? device = null) =>
        Architectures.Get(architecture).Open(weights, outputs, null, flow, preprocessing, device);
}
