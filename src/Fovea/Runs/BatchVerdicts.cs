using Fovea.Models;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>
/// How the networks of a recipe's files are run, judged once for a run: as many images at a time as wanted, or one at a time.
/// </summary>
internal sealed class BatchVerdicts
{
    private readonly Dictionary<(ModelSettings Settings, (int Height, int Width) Size), string?> _known = [];

    /// <summary>A network of a file that can be trusted with batches; the caller's.</summary>
    /// <param name="settings">What the recipe says of it.</param>
    /// <param name="file">The file.</param>
    /// <param name="size">Of the images, pixels.</param>
    /// <param name="make">Makes a network of it; true: one that takes one image at a time.</param>
    /// <param name="layers">Layers that are read.</param>
    /// <param name="say">Told that it takes one image at a time.</param>
    /// <exception cref="FoveaException">Images of this size do not go through it, or its answer is of no use for single
    /// images.</exception>
    public ImageModel Network(
        ModelSettings settings, ImportedNetwork file, (int Height, int Width) size, Func<bool, ImageModel> make,
        IReadOnlyList<string> layers, Action<string> say)
    {
        bool judged = _known.TryGetValue((settings, size), out string? line);
        ImageModel network = make(line is not null);
        try
        {
            file.RequireSize(network, size.Height, size.Width);
            if (!judged) _known[(settings, size)] = line = BatchTrust.Judge(file, network, () => make(true), layers);
            if (line is null) return network;
            say(line);
            if (judged) return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
        network.Dispose();
        return make(true);
    }
}
