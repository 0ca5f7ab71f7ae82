namespace Fovea.Training;

/// <summary>
/// η(t) = η_min + ½(η_max − η_min)(1 + cos(π t / T)) without restarts (Loshchilov and Hutter 2017, equation 5). t counts steps, not epochs:
/// the curve is smooth, and a training of few epochs (we run two) still ends near η_min. Step T − 1 is the last, so η_min itself is never
/// used.
/// </summary>
/// <param name="Maximum">η_max, the rate of step 0.</param>
/// <param name="Minimum">η_min.</param>
/// <param name="Steps">T, the number of steps of the whole training.</param>
public sealed record CosineAnnealing(double Maximum, double Minimum, long Steps)
{
    /// <summary>The rate of step <paramref name="step"/>; η_min from step T on.</summary>
    public double At(long step) =>
        step >= Steps ? Minimum : Minimum + 0.5 * (Maximum - Minimum) * (1 + Math.Cos(Math.PI * step / Steps));
}
