using Fovea.Models;

namespace Fovea.Runs.Preparation;

/// <summary>What a network's file says of the images that it takes.</summary>
/// <param name="Size">Height and width in pixels; null where it leaves them open.</param>
/// <param name="WholeNumbers">Whether they are whole numbers from 0 to 255, with what is done to them inside.</param>
internal readonly record struct TakenImages((int Height, int Width)? Size, bool WholeNumbers)
{
    public static TakenImages Of(ImportedNetwork network) => new(network.SizeOfImages ? null : network.ImageSize, network.WholeNumbers);
}
