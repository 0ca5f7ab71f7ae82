namespace Fovea.Interpretation.Shortcuts;

/// <summary>
/// How alike the places are at which a unit is active on different images: the mean cosine between its maps on two images that drive it,
/// <code>(‖Σᵢ mᵢ‖² − n) / (n (n − 1)),   mᵢ = aᵢ / ‖aᵢ‖, a map's positive part</code>
/// 1: always the same places in the same proportions (a mark in a corner); 0: never a place twice. An object that moves is low, whatever it
/// is; so is a shortcut that moves with it.
/// </summary>
internal static class PlaceConsistency
{
    /// <summary>The mean cosine; null for fewer than two images.</summary>
    /// <param name="sum">Σᵢ mᵢ, a number a position.</param>
    /// <param name="images">n.</param>
    public static double? Of(ReadOnlySpan<double> sum, int images)
    {
        if (images < 2) return null;
        double squares = 0;
        foreach (double value in sum) squares += value * value;
        return Math.Clamp((squares - images) / ((double)images * (images - 1)), 0, 1);
    }
}
