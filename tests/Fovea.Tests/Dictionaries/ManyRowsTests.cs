using Fovea.Activations;
using Fovea.Dictionaries.Training;
using Xunit;

namespace Fovea.Tests.Dictionaries;

/// <summary>10⁹ rows that are never materialised: a list of them would take 8 GB, an order of them 4.</summary>
public sealed class ManyRowsTests
{
    private const long Count = 1_000_000_000, HeldOutRows = 100_000_000;
    private const int Inputs = 12, Steps = 300;

    [Fact]
    public void A_billion_rows_are_planned_and_trained_on_in_little_memory()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var source = new Counted();
        var options = AutoencoderTrainerTests.Small("topk") with { LatentSize = 24, BatchSize = 256, MixingVectors = null, Epochs = 2 };
        RowSet rows = RowSet.Range(0, Count - HeldOutRows);
        HeldOut[] heldOut = [new(HeldOut.Main, RowSet.Range(Count - HeldOutRows, HeldOutRows))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var session = new TrainingSession(new TrainingRequest(options), source, rows, heldOut, () => "");
        session.Start(InputStatistics.Measure(source, rows.Sample(20_000, 1, "test"), null, cancellation), rows, null, cancellation);
        var seen = new HashSet<long>();
        double sum = 0;
        long[] numbers = new long[options.BatchSize];
        var batch = new float[options.BatchSize * Inputs];
        for (int step = 0; step < Steps; step++)
        {
            session.Plan.RowsOf(step, numbers);
            source.Read(numbers, batch);
            session.Step(batch, source);
            foreach (long row in numbers)
            {
                Assert.InRange(row, 0, rows.Count - 1);
                Assert.True(seen.Add(row), $"Row {row} came twice in a pass.");
                sum += row;
            }
        }
        RowSet sample = session.Plan.Sample(heldOut[0].Rows.Count);
        Assert.Equal(HeldOutRows, sample.Count);
        Assert.InRange(sample[HeldOutRows / 2] / (double)rows.Count, 0.499, 0.501);
        _ = session.Plan.Fingerprint(source, "", heldOut);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        Assert.InRange(sum / seen.Count / rows.Count, 0.3, 0.7);
        Assert.Equal(rows.Count / options.BatchSize, session.Plan.StepsPerEpoch);
    }

    [Fact]
    public void Any_step_of_any_pass_is_found_at_once()
    {
        var plan = new TrainingPlan(
            AutoencoderTrainerTests.Small("topk") with { BatchSize = 1000, Epochs = 3 }, RowSet.Range(0, Count + 17), Inputs);
        var other = new TrainingPlan(
            AutoencoderTrainerTests.Small("topk") with { BatchSize = 1000, Epochs = 3 }, RowSet.Range(0, Count + 17), Inputs);
        // The last step of a pass is short; every step is the same asked for before or after others.
        Assert.Equal(17, plan.RowsIn(plan.StepsPerEpoch - 1));
        foreach (long step in (long[])[plan.Steps - 1, 0, plan.StepsPerEpoch - 1, plan.StepsPerEpoch, plan.StepsPerEpoch * 2 + 123_456, 77])
        {
            long[] one = new long[plan.RowsIn(step)], two = new long[plan.RowsIn(step)];
            plan.RowsOf(step, one);
            other.RowsOf(step, two);
            Assert.Equal(one, two);
            Assert.Equal(one.Length, one.Distinct().Count());
            Assert.All(one, row => Assert.InRange(row, 0, Count + 16));
        }
    }

    [Fact]
    public void Encoding_and_fitting_read_ranges_beyond_an_arrays_length()
    {
        var source = new Counted();
        RowSet end = RowSet.Range(Count - 5000, 5000);
        using var pca = Fovea.Dictionaries.Plain.PrincipalComponents.Fit(source, end, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(5000, source.RowsRead);
        // A sample of all rows, and k-means on it, read no more than they say.
        using var means = Fovea.Dictionaries.Plain.KMeans.Fit(source, RowSet.Range(0, Count).Sample(3000, 1, "test"),
            new Fovea.Dictionaries.Plain.BaselineOptions { LatentSize = 4, MaxIterations = 2, SampleRows = 1000 },
                TestContext.Current.CancellationToken);
        Assert.InRange(source.RowsRead, 5000 + 1000 + 3000, 5000 + 1000 + 2 * 3000 + 100);
    }

    /// <summary>Numbers made of a row's number.</summary>
    private sealed class Counted : IVectorSource
    {
        public long RowsRead;

        public int Dimension => Inputs;

        public long Count => ManyRowsTests.Count;

        public void Read(ReadOnlySpan<long> rows, Span<float> destination)
        {
            Interlocked.Add(ref RowsRead, rows.Length);
            for (int i = 0; i < rows.Length; i++)
            {
                ulong z = (ulong)rows[i];
                for (int d = 0; d < Inputs; d++)
                {
                    z = (z + 0x9E3779B97F4A7C15UL) * 0xBF58476D1CE4E5B9UL;
                    z ^= z >> 31;
                    destination[i * Inputs + d] = (z >> 40) * (1f / (1 << 24)) - 0.3f;
                }
            }
        }
    }
}
