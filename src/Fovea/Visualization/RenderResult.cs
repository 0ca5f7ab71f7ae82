using Fovea.Imaging;
using Fovea.IO;

namespace Fovea.Visualization;

/// <summary>A picture on its way.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Picture">The clean picture after them.</param>
/// <param name="Activation">The objective on <paramref name="Picture"/>, as <see cref="RenderResult.Activation"/>.</param>
public sealed record RenderSnapshot(int Step, RgbImage Picture, double Activation);

/// <summary>One unit's picture.</summary>
/// <param name="Unit">Channel, latent, class or row: the objective's unit.</param>
/// <param name="Preset">Name of the recipe.</param>
/// <param name="Picture">The clean picture, not one of its transformed views.</param>
/// <param name="Activation">The objective on <see cref="Picture"/>, as the 8-bit pixels that are saved; resampled to
/// <see cref="RenderOptions.ViewSize"/> where that is another size.</param>
/// <param name="Peak">The unit's largest activation over the positions of the same picture: neuron, or latent code.</param>
/// <param name="Curve">The objective in each step, on that step's view, before the step was made.</param>
/// <param name="Snapshots">Pictures on the way, as asked for.</param>
public sealed record RenderResult(
    int Unit, string Preset, RgbImage Picture, double Activation, double Peak, IReadOnlyList<double> Curve,
        IReadOnlyList<RenderSnapshot> Snapshots)
{
    /// <summary>0 for the unit's first picture, 1 for its second, ….</summary>
    public int Replica { get; init; }

    /// <summary>Writes <see cref="Picture"/> as a PNG file.</summary>
    /// <param name="path">The file; written aside and renamed.</param>
    public void Save(string path) => AtomicFile.WriteBytes(path, ImageCodec.EncodePng(Picture));
}
