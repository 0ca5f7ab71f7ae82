using Fovea.Datasets;
using Fovea.Imaging;

namespace Fovea.Activations;

/// <summary>The images a finished pass left out.</summary>
internal static class Damage
{
    /// <summary>
    /// Those of <paramref name="images"/> that are not stored, with the decoder's words: asked again, so that the list does not depend on
    /// where a run was interrupted.
    /// </summary>
    public static IReadOnlyList<DamagedImage> Missing(IImageSource source, IReadOnlyList<int> images, IReadOnlySet<int> stored) =>
        [.. images.Where(image => !stored.Contains(image)).Select(image =>
        {
            try
            {
                source.Read(image);
                return new DamagedImage(source.Id(image), "could not be read at the time");
            }
            catch (DamagedImageException e)
            {
                return new DamagedImage(source.Id(image), e.Why);
            }
        })];
}
