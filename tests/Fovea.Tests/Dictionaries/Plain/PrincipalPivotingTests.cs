using Fovea.Dictionaries.Plain;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries.Baselines;

/// <summary>Without the descent that would mend what is not exact.</summary>
public sealed class PrincipalPivotingTests
{
    [Theory]
    [InlineData(1, 5, 1)]
    [InlineData(12, 9, 1)] // more directions than components: the equations of all of them are singular
    [InlineData(40, 60, 1)]
    [InlineData(40, 60, 0.1)] // within a few degrees of one another
    public void It_ends_at_the_solution_from_any_guess(int n, int d, double spread)
    {
        using var scope = NewDisposeScope();
        var directions = Samples.Normal([n, d], "pivots", ScalarType.Float64) * spread
            + Samples.Normal([1, d], "common", ScalarType.Float64);
        directions /= directions.norm(1, keepdim: true);
        double[] gram = directions.matmul(directions.t()).contiguous().data<double>().ToArray();
        var solver = new PrincipalPivoting(gram, n);
        int[] all = [.. Enumerable.Range(0, n)];
        for (int row = 0; row < 20; row++)
        {
            double[] target = directions.matmul(Samples.Normal([d], $"x{row}", ScalarType.Float64)).data<double>().ToArray();
            foreach (double guess in (double[])[0, 1])
            {
                double[] code = [.. Enumerable.Repeat(guess, n)];
                solver.Solve(target, code, all, 1e-9);
                for (int j = 0; j < n; j++)
                {
                    double slope = target[j] - Enumerable.Range(0, n).Sum(i => gram[j * n + i] * code[i]);
                    Assert.True(code[j] >= 0);
                    Assert.InRange(slope, code[j] > 0 ? -1e-6 : double.NegativeInfinity, 1e-6);
                }
            }
        }
    }
}
