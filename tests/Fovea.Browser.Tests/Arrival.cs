using System.Diagnostics;
using Microsoft.Playwright;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>
/// Waits until a page is at an address, and loaded. Playwright's own <c>WaitForURLAsync</c> and <c>WaitForLoadStateAsync</c> look first and
/// listen afterwards: what another thread reports in between is lost, and they wait for it until their time is up
/// (microsoft/playwright-dotnet#3364, seen with 1.64.1). Here the page is asked again and again.
/// </summary>
internal static class Arrival
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="page">The page.</param>
    /// <param name="isThere">Whether an address is the one that is waited for.</param>
    public static async Task ArriveAsync(this IPage page, Func<string, bool> isThere)
    {
        await UntilAsync(page, () => Task.FromResult(isThere(page.Url)), "at another address");
        await page.LoadedAsync();
    }

    /// <summary>At an address whose path this is.</summary>
    public static Task ArriveAsync(this IPage page, string path) => page.ArriveAsync(url => new Uri(url).AbsolutePath == path);

    /// <summary>With all that belongs to it.</summary>
    public static Task LoadedAsync(this IPage page) => page.HoldsAsync("document.readyState === 'complete'");

    /// <summary>Until a condition in JavaScript holds; not by <c>WaitForFunctionAsync</c>, which the pages' own rules of security refuse.</summary>
    public static Task HoldsAsync(this IPage page, string condition) => UntilAsync(page, () => page.EvaluateAsync<bool>(condition), condition);

    private static async Task UntilAsync(IPage page, Func<Task<bool>> isSo, string what)
    {
        for (long began = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                if (await isSo()) return;
            }
            catch (PlaywrightException problem) when (problem.Message.Contains("context was destroyed", StringComparison.Ordinal))
            {
                // The page is just being left.
            }
            if (Stopwatch.GetElapsedTime(began) > Patience)
                Assert.Fail($"{what}: {page.Url}, the focus on {await page.EvaluateAsync<string>("document.activeElement?.outerHTML ?? ''")}");
        }
    }
}
