namespace Fovea.Models.Pt2;

/// <summary>Operators that draw by chance: the same image would give another answer each time.</summary>
internal static partial class Pt2Operators
{
    private static readonly string[] Drawing =
    [
        "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "bernoulli", "normal", "uniform", "random",
        "exponential", "multinomial", "poisson", "fractional_max_pool2d", "fractional_max_pool3d",
    ];

    private static void AddRandom()
    {
        foreach (string name in Drawing)
            Lines[name] = _ => throw new Pt2RefusedException(
                "it draws by chance, so an image would have another answer each time: in dropout, drop-path or noise layers it is there in "
                    + "training alone; export the network in evaluation (model.eval())");
    }
}
