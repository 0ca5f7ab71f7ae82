using Fovea.Visualization;
using Fovea.Visualization.Parameterizations;

namespace Fovea.Runs;

/// <summary>Colours and spectrum measured on a run's own images: <c>features/colours.json</c> and <c>spectrum.json</c>.</summary>
/// <param name="Colours">Mean and covariance of the pixels.</param>
/// <param name="Spectrum">Magnitudes in these colours.</param>
public sealed record PictureStatistics(ColourStatistics Colours, SpectrumTemplate Spectrum)
{
    /// <summary>What a run has measured (<c>features.measured_images</c>); null where it has not.</summary>
    /// <exception cref="FoveaException">A file is damaged.</exception>
    public static PictureStatistics? Find(RunFolder run)
    {
        var (colours, spectrum) = Files(run);
        return File.Exists(colours) && File.Exists(spectrum) ? new(ColourStatistics.Load(colours), SpectrumTemplate.Load(spectrum)) : null;
    }

    /// <summary>Writes both files.</summary>
    public void Save(RunFolder run)
    {
        var (colours, spectrum) = Files(run);
        Colours.Save(colours);
        Spectrum.Save(spectrum);
    }

    /// <summary>
    /// A recipe with these colours, and for <see cref="Maco"/> this spectrum (with the root it was measured by, Cholesky's), in place of
    /// ImageNet's. Plain pixels stay plain.
    /// </summary>
    public RenderOptions Over(RenderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            Parameterization = options.Parameterization switch
            {
                DecorrelatedPixels pixels => new DecorrelatedPixels(
                    Colours, pixels.Root)
                { Scale = pixels.Scale, StartDeviation = pixels.StartDeviation },
                FourierPixels waves => new FourierPixels(
                    Colours, waves.Root)
                { Decay = waves.Decay, StartDeviation = waves.StartDeviation },
                Maco phases => new Maco(Colours, Spectrum) { Scale = phases.Scale },
                var other => other,
            },
        };
    }

    private static (string Colours, string Spectrum) Files(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return (Path.Combine(run.Features, "colours.json"), Path.Combine(run.Features, "spectrum.json"));
    }
}
