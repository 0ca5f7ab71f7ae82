using System.Globalization;

namespace Fovea.Cli.Terminal;

/// <summary>
/// The command writes and reads numbers in one way, whatever the language of its user or of the program that it is called from.
/// </summary>
internal static class InvariantCulture
{
    /// <summary>Runs something so that it, and the threads that it starts, format as the invariant culture does.</summary>
    public static T Run<T>(Func<T> body)
    {
        CultureInfo own = CultureInfo.CurrentCulture, threads = CultureInfo.DefaultThreadCurrentCulture ?? own;
        (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture) =
            (CultureInfo.InvariantCulture, CultureInfo.InvariantCulture);
        try
        {
            return body();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture) = (own, threads);
        }
    }
}
